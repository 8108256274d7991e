// An account's sessions as sums are made from them: which hours have any, and the counts of ended sessions as a stream.
// The only write says that an hour's sum holds a session.
import type { Collection, Db, Filter } from 'mongodb';

import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { ReadLimit } from '../mongo/read-limit.ts';
import { isPlaced } from './placed-row.ts';
import {
  durationOf,
  SESSION_STATUSES,
  type SessionAggregate,
  type SessionStage,
  type SessionStatus,
} from './session.ts';
import { BY_ACCOUNT, BY_AGENT } from './session-indexes.ts';
import { SESSIONS, type StoredSession, toSummary } from './session-row.ts';
import { settleHour } from './session-states.ts';

/** `[since, until)`, of starts. */
export type TimeRange = Readonly<{ since: Date; until: Date }>;

/** A session that has ended, as an hour's sum takes it. */
export type EndedSession = Readonly<{
  id: string;
  agentId: string;
  startedAt: Date;
  durationMs: number;
  status: SessionStatus;
  aggregate: SessionAggregate;
  stage: SessionStage;
  /** The row's version. */
  changes: number;
}>;

/** The sessions that an agent started in a UTC hour, open and hidden ones included. */
export type SessionHour = Readonly<{
  agentId: string;
  hour: Date;
  sessionCount: number;
  /** Sessions for which nothing is due. Open ones are counted too, though no hour's sum holds them. */
  settledCount: number;
}>;

const ENDED_FIELDS = {
  account_id: 1,
  agent_id: 1,
  started_at: 1,
  ended_at: 1,
  status: 1,
  aggregate: 1,
  stage: 1,
  changes: 1,
  importing: 1,
} as const;
const BATCH = 1000;
/** Ranges in one query. */
const RANGES = 64;

/** The sessions of an account, as sums read them. */
export type SessionSumRepository = ReturnType<typeof createSessionSumRepository>;

/** `limit` is on each read. All methods reject with the driver's error when the database is away. */
export function createSessionSumRepository(db: Db, limit: ReadLimit = {}) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  return {
    /** The start of the earliest session in the range, or null when there is none. */
    async findFirstStart(accountId: string, range: TimeRange, agentId?: string): Promise<Date | null> {
      const { started_at, ...filter } = startedIn(accountId, range, agentId);
      const row = await sessions.findOne(
        // An array of times is sorted by its earliest, which may lie before the range.
        { ...filter, started_at: { ...started_at, $not: { $type: 'array' } } },
        { projection: { started_at: 1 }, sort: { started_at: 1 }, ...limit },
      );
      return row?.started_at ?? null;
    },

    /** The hours in the range that have sessions, by agent, in no order. */
    async *listHours(accountId: string, range: TimeRange, agentId?: string): AsyncGenerator<SessionHour> {
      // Not $dateTrunc, which MongoDB before 5 does not know. An array of times, which the range lets in, has no hour.
      // It is taken out before the conversion: a server may evaluate both branches of a $cond, as DocumentDB does.
      const time = { $cond: [{ $isArray: ['$started_at'] }, null, '$started_at'] };
      const hour = { $dateToString: { date: time, format: '%Y-%m-%dT%H' } };
      const rows = sessions.aggregate<{
        _id: { agent: string; hour: string | null };
        sessions: number;
        settled: number;
      }>(
        [
          { $match: startedIn(accountId, range, agentId) },
          {
            $group: {
              _id: { agent: '$agent_id', hour },
              sessions: { $sum: 1 },
              settled: { $sum: { $cond: [{ $eq: ['$stage', 'done'] }, 1, 0] } },
            },
          },
        ],
        { batchSize: BATCH, ...limit },
      );
      for await (const { _id, sessions, settled } of rows) {
        if (_id.hour === null || !isId('agent', _id.agent)) continue;
        yield {
          agentId: _id.agent,
          hour: new Date(`${_id.hour}:00:00Z`),
          sessionCount: sessions,
          settledCount: settled,
        };
      }
    },

    /** Sessions that started in the ranges, which do not overlap, and have ended: each once, in no order. */
    async *readEnded(
      accountId: string,
      ranges: readonly TimeRange[],
      agentId?: string,
    ): AsyncGenerator<EndedSession> {
      for (let begin = 0; begin < ranges.length; begin += RANGES) {
        const some = ranges.slice(begin, begin + RANGES).map(toFilter);
        const filter: Filter<StoredSession> = {
          account_id: accountId,
          ...(agentId !== undefined && { agent_id: agentId }),
          ended_at: { $ne: null },
          importing: { $ne: true },
          ...(some.length === 1 ? some[0] : { $or: some }),
        };
        // An index whose keys never change: over an index with the stage in it, a scan may meet a session twice.
        const hint = agentId === undefined ? BY_ACCOUNT : BY_AGENT;
        const options = { projection: ENDED_FIELDS, batchSize: BATCH, hint, ...limit };
        for await (const row of sessions.find(filter, options)) {
          if (isPlaced(row, accountId)) yield toEnded(row);
        }
      }
    },

    /** An agent's sessions that have ended, by their starts. */
    async *readEndedByStart(accountId: string, agentId: string): AsyncGenerator<EndedSession> {
      const filter = {
        account_id: accountId,
        agent_id: agentId,
        ended_at: { $ne: null },
        importing: { $ne: true },
      };
      const options = { projection: ENDED_FIELDS, batchSize: BATCH, hint: BY_AGENT, ...limit };
      const rows = sessions.find(filter as Filter<StoredSession>, options).sort({ started_at: -1, _id: -1 });
      for await (const row of rows) if (isPlaced(row, accountId)) yield toEnded(row);
    },

    /**
     * Notes that an hour's sum holds these sessions. Leaves a session as it is that was written since it had so many
     * changes: its hour has to be summed again.
     */
    async settle(
      accountId: string,
      settled: readonly Readonly<{ id: string; changes: number }>[],
    ): Promise<void> {
      if (settled.length === 0) return;
      const writes = settled.map((session) => ({ updateOne: settleHour(accountId, session) }));
      await sessions.bulkWrite(writes, { ordered: false });
    },
  };
}

function startedIn(accountId: string, range: TimeRange, agentId?: string) {
  return { account_id: accountId, ...toFilter(range), ...(agentId !== undefined && { agent_id: agentId }) };
}

function toFilter({ since, until }: TimeRange) {
  return { started_at: { $gte: since, $lt: until } };
}

function toEnded(row: StoredSession): EndedSession {
  const session = toSummary(row);
  const { id, agentId, startedAt, status, aggregate } = session;
  return {
    id,
    agentId,
    startedAt,
    // As a damaged row is shown.
    status: SESSION_STATUSES.includes(status) ? status : 'partial',
    aggregate,
    durationMs: durationOf(session) ?? 0,
    stage: row.stage ?? null,
    changes: row.changes ?? 0,
  };
}
