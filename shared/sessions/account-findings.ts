// What an account's sessions tell of its logs and of the pipeline, for its overview. It verifies nothing: it reads what
// verifications left on the rows. Figures over all accounts are in `session-gauges.ts`.
import type { Collection, Db, Filter } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { earliestOf, oneTime } from '../mongo/earliest.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { type LogFinding, MARKED, UNSEALED } from './log-marks.ts';
import type { SessionMarks } from './session.ts';
import { findOldestChange } from './session-gauges.ts';
import { SESSIONS, type StoredSession, toMarks } from './session-row.ts';
import type { TimeRange } from './session-sums.ts';

/** Logs that something was found of. */
export type FoundLogs = Readonly<{
  /** Of all time, open sessions included. */
  count: number;
  /** Of ended sessions that started in the range: as many as a list of sessions has. */
  listed: number;
  /** The earliest start of them all, which a list has to begin at; null where there is none. */
  earliest: Date | null;
}>;

/** A session whose log something was found of. A row may hold anything in place of a mark's values. */
export type FoundSession = Readonly<{ id: string; marks: SessionMarks }>;

/** What is found of an account's logs. */
export type AccountFindings = ReturnType<typeof createAccountFindings>;

/** All methods reject with the driver's error when the database is away. */
export function createAccountFindings(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  return {
    /** How many logs are marked, and how many ended sessions have no seal. */
    async count(accountId: string, { since, until }: TimeRange): Promise<Record<LogFinding, FoundLogs>> {
      const groups = sessions.aggregate<{
        _id: Record<LogFinding | 'listed', boolean>;
        sessions: number;
        earliest: Date | null;
      }>(
        [
          { $match: published(accountId, { $or: [MARKED.failed, MARKED.unverifiable, UNSEALED] }) },
          {
            $group: {
              _id: {
                failed: { $gt: ['$log_failed.found_at', null] },
                unverifiable: { $gt: ['$log_unverifiable.reason', ''] },
                unsealed: { $and: [HAS_ENDED, { $lte: ['$log.seal', null] }] },
                listed: {
                  $and: [HAS_ENDED, { $gte: ['$started_at', since] }, { $lt: ['$started_at', until] }],
                },
              },
              sessions: { $sum: 1 },
              earliest: { $min: oneTime('started_at') },
            },
          },
        ],
        LISTED_WITHIN,
      );
      const found = await groups.toArray();
      const sum = (finding: LogFinding): FoundLogs => {
        const rows = found.filter(({ _id }) => _id[finding]);
        return {
          count: total(rows),
          listed: total(rows.filter(({ _id }) => _id.listed)),
          earliest: earliestOf(rows.map(({ earliest }) => earliest)),
        };
      };
      return { failed: sum('failed'), unverifiable: sum('unverifiable'), unsealed: sum('unsealed') };
    },

    /** The sessions that `count` counts, the newest start first: at most `limit` of each finding. Passes over odd ids. */
    async list(accountId: string, limit: number): Promise<Record<LogFinding, readonly FoundSession[]>> {
      const list = async (filter: Filter<StoredSession>) => {
        const rows = sessions
          .find(published(accountId, filter), {
            projection: { log_failed: 1, log_unverifiable: 1 },
            ...LISTED_WITHIN,
          })
          .sort({ started_at: -1, _id: -1 })
          .batchSize(limit + 1);
        const read = (row: StoredSession) =>
          isId('session', row._id) ? { id: row._id, marks: toMarks(row) } : null;
        return await readPage<StoredSession, FoundSession>(rows, read, limit);
      };
      const [failed, unverifiable, unsealed] = await Promise.all(
        [MARKED.failed, MARKED.unverifiable, UNSEALED].map(list),
      );
      return { failed: failed!, unverifiable: unverifiable!, unsealed: unsealed! };
    },

    /** The time of the account's change that has waited longest for derived data to follow it; null when none waits. */
    findOldestChange: (accountId: string) => findOldestChange(sessions, { account_id: accountId }),
  };
}

const HAS_ENDED = { $gt: ['$ended_at', null] };

function published(accountId: string, filter: Filter<StoredSession>): Filter<StoredSession> {
  return { account_id: accountId, importing: { $ne: true }, ...filter };
}

function total(rows: readonly Readonly<{ sessions: number }>[]): number {
  return rows.reduce((sum, { sessions }) => sum + sessions, 0);
}
