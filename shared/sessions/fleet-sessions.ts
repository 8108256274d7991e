// Sessions of all accounts at once, for the workers and the operator's scripts. Nothing that serves an account may
// import this file; `test/house/imports.test.ts` checks it.
import type { Collection, Db, Filter, FindOptions } from 'mongodb';
import type { AuditKey } from '../audit/audit-keys.ts';
import { ID_PATTERNS, isId } from '../audit/ids.ts';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { byIndex } from '../mongo/hinted.ts';
import { DAY_MS } from '../time/durations.ts';
import { isTime } from '../time/is-time.ts';
import { MARKED } from './log-marks.ts';
import { retryUnverifiable } from './mark-states.ts';
import { BY_AGENT, BY_ID } from './session-indexes.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';
import { isCount } from './stored-counts.ts';

/** A session whose derived data is due: its counts and root, or only the sum of its hour. */
export type DueSession = LogRef & Readonly<{ agentId: string; startedAt: Date; needs: 'counts' | 'hour' }>;

/** Which sessions an operator's command is about: all that fit everything that is given. */
export type SessionSelection = Readonly<{
  accountId?: string | undefined;
  agentId?: string | undefined;
  /** By start: inclusive, exclusive. */
  since?: Date | undefined;
  until?: Date | undefined;
  /** Only sessions that have ended. */
  ended?: boolean;
  /** Only sessions without a stored root. */
  withoutRoot?: boolean;
}>;

/** Ids that a session can have. */
const NAMED = ID_PATTERNS.session;

/** The sessions of all accounts. */
export type FleetSessions = ReturnType<typeof createFleetSessions>;

/**
 * Sessions whose import has not finished are in no list and no count but `countAll`. Lists are pages of at most `limit`
 * sessions in ascending order of ids, from the first id after `afterId`; an empty page is the end. All methods reject
 * with the driver's error when the database is away.
 */
export function createFleetSessions(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  async function listIds(filter: Filter<StoredSession>, limit: number, options: FindOptions = {}) {
    return await sessions
      .find(
        { importing: { $ne: true }, ...filter },
        { projection: { account_id: 1, agent_id: 1, started_at: 1, stage: 1 }, ...options },
      )
      .sort({ _id: 1 })
      .limit(limit)
      .batchSize(limit + 1)
      .toArray();
  }

  return {
    /** The account that owns the session; null when there is no such session. */
    async findOwner(sessionId: string): Promise<string | null> {
      const row = await sessions.findOne({ _id: sessionId }, { projection: { account_id: 1, importing: 1 } });
      return row && !row.importing ? row.account_id : null;
    },

    /** Whether a published row has this id, whatever account it names. */
    async hasRow(sessionId: string): Promise<boolean> {
      const row = await sessions.findOne({ _id: sessionId }, { projection: { importing: 1 } });
      return row !== null && !row.importing;
    },

    /** Which of these sessions are stored under their account; `published` leaves out those that are being imported. */
    async findStored(refs: readonly LogRef[]): Promise<(ref: LogRef) => 'published' | 'importing' | null> {
      const ids = [...new Set(refs.map(({ sessionId }) => sessionId))];
      const rows = await sessions
        .find(
          { _id: { $in: ids } },
          { projection: { account_id: 1, importing: 1 }, batchSize: ids.length + 1 },
        )
        .toArray();
      const byId = new Map(rows.map((row) => [row._id, row]));
      return ({ accountId, sessionId }) => {
        const row = byId.get(sessionId);
        if (row?.account_id !== accountId) return null;
        return row.importing ? 'importing' : 'published';
      };
    },

    /** Sessions that an import hid before a time and has not published since. */
    async *listUnfinishedImports(before: Date): AsyncGenerator<LogRef> {
      // Any value hides a row, and a row without a time of its change has been hidden for as long as anyone knows.
      const soon = new Date(before.getTime() + 2 * DAY_MS);
      const filter = {
        importing: { $exists: true },
        $or: [{ importing: { $ne: true } }, { changed_at: { $not: { $gte: before, $lte: soon } } }],
      } as object;
      for await (const row of sessions.find(filter, { projection: { account_id: 1 }, sort: { _id: 1 } })) {
        yield toRef(row);
      }
    },

    /** Rows whose id no session can have: no list has them, and no walk comes to them. */
    async *listMisnamed(): AsyncGenerator<Readonly<{ accountId: unknown; id: unknown }>> {
      const filter = { _id: { $not: NAMED } } as object;
      for await (const row of sessions.find(filter, { projection: { account_id: 1 } })) {
        yield { accountId: row.account_id, id: row._id };
      }
    },

    /** Each policy that published sessions of all accounts name, and how many do. */
    async *listPolicyUses(): AsyncGenerator<
      Readonly<{ accountId: string; sha256Hex: string; sessionCount: number }>
    > {
      const groups = sessions.aggregate<{ _id: { account: string; policy: string }; sessions: number }>([
        { $match: { importing: { $ne: true } } },
        { $group: { _id: { account: '$account_id', policy: '$policy_sha256' }, sessions: { $sum: 1 } } },
      ]);
      for await (const { _id, sessions } of groups) {
        yield { accountId: _id.account, sha256Hex: _id.policy, sessionCount: sessions };
      }
    },

    /** Each agent that sessions of all accounts name, hidden ones included, and how many do. Reads an index alone. */
    async *listAgentUses(): AsyncGenerator<
      Readonly<{ accountId: string; agentId: string; sessionCount: number }>
    > {
      const groups = sessions.aggregate<{ _id: { account: string; agent: string }; sessions: number }>(
        [{ $group: { _id: { account: '$account_id', agent: '$agent_id' }, sessions: { $sum: 1 } } }],
        { hint: BY_AGENT },
      );
      for await (const { _id, sessions } of groups) {
        yield { accountId: _id.account, agentId: _id.agent, sessionCount: sessions };
      }
    },

    /** How many sessions there are, by the database's own estimate. */
    countAll(): Promise<number> {
      return sessions.estimatedDocumentCount();
    },

    async listSelected(
      selection: SessionSelection,
      afterId: string | null,
      limit: number,
    ): Promise<LogRef[]> {
      const list = (options: FindOptions) =>
        listIds({ ...toFilter(selection), ...after(afterId) }, limit, options);
      // By `_id` alone, the rows of other accounts would be read and left out.
      const rows = selection.accountId === undefined ? await list({}) : await byIndex(BY_ID, list);
      return rows.map(toRef);
    },

    /** How many sessions an account has, and how often their rows were changed, in all. */
    async sumChanges(accountId: string): Promise<Readonly<{ sessions: number; changes: number }>> {
      let [count, changes] = [0, 0];
      const rows = sessions.find(
        { account_id: accountId },
        { projection: { changes: 1 }, batchSize: 10_000 },
      );
      for await (const row of rows) {
        count += 1;
        if (isCount(row.changes)) changes += row.changes;
      }
      return { sessions: count, changes };
    },

    /** How many sessions of an account an import hides. */
    countHidden(accountId: string): Promise<number> {
      return sessions.countDocuments({ account_id: accountId, importing: { $exists: true } } as object);
    },

    countSelected(selection: SessionSelection): Promise<number> {
      return sessions.countDocuments({ importing: { $ne: true }, ...toFilter(selection) });
    },

    /** Sessions for which something is due. */
    async listDue(afterId: string | null, limit: number): Promise<DueSession[]> {
      const due = { stage: { $in: [null, 'counted'] } } as object;
      return (await listIds({ ...due, ...after(afterId) }, limit)).map((row) => ({
        ...toRef(row),
        agentId: row.agent_id,
        startedAt: row.started_at,
        // A row without an agent or a start has no hour. Its walk names it.
        needs:
          row.stage === 'counted' && isId('agent', row.agent_id) && isTime(row.started_at)
            ? 'hour'
            : 'counts',
      }));
    },

    /**
     * Sessions that have not ended. Skips sessions with a mark: verifying them again would give the same verdict. A
     * later write unsets `stage`, and `listDue` returns them.
     */
    async listOpen(afterId: string | null, limit: number): Promise<LogRef[]> {
      const unmarked = { $nor: [MARKED.failed, MARKED.unverifiable] };
      return (await listIds({ ended_at: null, ...unmarked, ...after(afterId) }, limit)).map(toRef);
    },

    /** Sessions that have ended. */
    async listEnded(afterId: string | null, limit: number): Promise<LogRef[]> {
      return (await listIds({ ended_at: { $ne: null }, ...after(afterId) }, limit)).map(toRef);
    },

    /** Sessions with a mark that was not looked at again since `before`; all with a mark where that is null. */
    async listMarked(before: Date | null, afterId: string | null, limit: number): Promise<LogRef[]> {
      const notSince = before ? { $nor: [{ walked_at: { $gt: before, $lte: new Date() } }] } : {};
      const filter = { $or: [MARKED.failed, MARKED.unverifiable], ...notSince, ...after(afterId) };
      return (await listIds(filter, limit)).map(toRef);
    },

    /** Ended sessions from the id `fromId` on, itself included: where a sample begins. */
    async listEndedFrom(fromId: string, limit: number): Promise<LogRef[]> {
      const from = { $and: [{ _id: { $gte: fromId } }, { _id: NAMED }] };
      return (await listIds({ ...from, ended_at: { $ne: null } }, limit)).map(toRef);
    },

    /** Makes sessions due again that were unverifiable for want of these keys. Resolves to how many there were. */
    async retryUnverifiable(keys: readonly Pick<AuditKey, 'id' | 'check'>[]): Promise<number> {
      if (keys.length === 0) return 0;
      const { filter, update } = retryUnverifiable(keys, new Date());
      const { modifiedCount } = await sessions.updateMany(filter, update);
      return modifiedCount;
    },
  };
}

// Comparisons hold within one type. A page that ended with a number as an id would be the last, and no queue takes a job
// whose id holds a colon.
function after(afterId: string | null): Filter<StoredSession> {
  return afterId === null ? { _id: NAMED } : { $and: [{ _id: { $gt: afterId } }, { _id: NAMED }] };
}

function toRef(row: StoredSession): LogRef {
  return { accountId: row.account_id, sessionId: row._id };
}

function toFilter(selection: SessionSelection): Filter<StoredSession> {
  const { accountId, agentId, since, until, ended, withoutRoot } = selection;
  return {
    ...(accountId !== undefined && { account_id: accountId }),
    ...(agentId !== undefined && { agent_id: agentId }),
    ...((since || until) && { started_at: { ...(since && { $gte: since }), ...(until && { $lt: until }) } }),
    ...(ended && { ended_at: { $ne: null } }),
    ...(withoutRoot && { merkle_root_hex: null }),
  };
}
