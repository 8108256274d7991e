// Lists of an account's sessions. Every method takes the account id first and filters by it.
import type { Collection, Db, Filter, FindOptions } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { byIndex } from '../mongo/hinted.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { listFilter, type SessionQuery } from './list-filter.ts';
import { isListable, isPlaced } from './placed-row.ts';
import type { ListedSession, RecordedSession, Session, SessionSnapshot } from './session.ts';
import { BY_FINDING, BY_REDACTIONS } from './session-indexes.ts';
import {
  LISTED_FIELDS,
  RECORDED_SNAPSHOT_FIELDS,
  SESSION_FIELDS,
  SESSIONS,
  type StoredSession,
  toListed,
  toRecordedSnapshot,
  toSession,
} from './session-row.ts';
import type { StartedQuery, StartedSession } from './started-session.ts';

type Hint = Pick<FindOptions, 'hint'>;

/** All methods reject with the driver's error when the database is away. */
export function createSessionLists(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  async function listPage(
    accountId: string,
    query: SessionQuery,
    onPassed: (count: number) => void,
    hint: Hint,
  ): Promise<ListedSession[]> {
    const { limit } = query;
    const options = { projection: LISTED_FIELDS, ...LISTED_WITHIN, ...hint };
    const find = () =>
      sessions
        .find(listFilter(accountId, query), options)
        .sort({ started_at: -1, _id: -1 })
        .batchSize(limit + 1);
    const first = await find().limit(limit).toArray();
    const rows = first.filter((row) => isListable(row, accountId));
    if (rows.length === first.length || first.length < limit) {
      onPassed(first.length - rows.length);
      return rows.map(toListed);
    }
    // Damaged rows took the room of others: reads on until the page is full.
    const page: ListedSession[] = [];
    let passed = 0;
    for await (const row of find()) {
      if (isListable(row, accountId)) page.push(toListed(row));
      else passed += 1;
      if (page.length === limit) break;
    }
    onPassed(passed);
    return page;
  }

  return {
    /**
     * Sessions that have ended, newest start first, then highest id first. Passes over damaged rows; `onPassed` is told how
     * many.
     */
    async list(
      accountId: string,
      query: SessionQuery,
      onPassed: (count: number) => void = () => {},
    ): Promise<ListedSession[]> {
      const page = (hint: Hint) => listPage(accountId, query, onPassed, hint);
      const { minRedactions, agentId, status, externalId, finding } = query;
      if (externalId) return await page({});
      if (finding) return await byIndex(BY_FINDING[finding], page);
      const isByRedactions = minRedactions > 0 && !(agentId || status);
      return isByRedactions ? await byIndex(BY_REDACTIONS, page) : await page({});
    },

    /** The sessions with this stored root, 64 hex digits: at most `limit`, in no order. Passes over rows whose id no session has. */
    async listByRoot(accountId: string, rootHex: string, limit: number): Promise<Session[]> {
      const rows = sessions
        .find(
          {
            account_id: accountId,
            merkle_root_hex: rootHex,
            importing: { $ne: true },
          } as Filter<StoredSession>,
          { projection: SESSION_FIELDS, ...LISTED_WITHIN },
        )
        .batchSize(limit + 1);
      const isOurs = (row: StoredSession) => isId('session', row._id) && row.account_id === accountId;
      return await readPage(rows, (row) => (isOurs(row) ? toSession(row) : null), limit);
    },

    /**
     * As `findSnapshot` for each of these sessions, by its id; one that it would not find is left out. Without the counts
     * and the durations, whose decoding takes as long as that of all other fields.
     */
    async findSnapshots(
      accountId: string,
      sessionIds: readonly string[],
    ): Promise<ReadonlyMap<string, SessionSnapshot<RecordedSession>>> {
      const options = { projection: RECORDED_SNAPSHOT_FIELDS, batchSize: sessionIds.length + 1 };
      const filter = { _id: { $in: [...sessionIds] }, account_id: accountId };
      const rows = await sessions.find(filter, options).toArray();
      const published = rows.filter((row) => !row.importing);
      return new Map(published.map((row) => [row._id, toRecordedSnapshot(row)]));
    },

    /**
     * The sessions that started in `[since, until)`, open ones included, in ascending order of ids, each with the size
     * that its row records. Passes over rows that have no place.
     */
    async listStarted(accountId: string, { since, until, agentId }: StartedQuery): Promise<StartedSession[]> {
      const filter = {
        account_id: accountId,
        started_at: { $gte: since, $lt: until },
        importing: { $ne: true },
        ...(agentId !== null && { agent_id: agentId }),
      } as Filter<StoredSession>;
      const projection = {
        account_id: 1,
        agent_id: 1,
        started_at: 1,
        ended_at: 1,
        importing: 1,
        'log.size': 1,
        log_index: 1,
      };
      const found: StartedSession[] = [];
      // By batches: a promise for each row takes a fifth of the time.
      await using rows = sessions.find(filter, { projection, batchSize: 1_000 });
      while (await rows.hasNext()) {
        for (const row of rows.readBufferedDocuments()) {
          if (!isPlaced(row, accountId, { mayBeOpen: true })) continue;
          const size = row.log?.size;
          const known = Number.isSafeInteger(size) && size > 0 ? size : 0;
          const logIndex = isLogIndex(row.log_index) ? row.log_index : null;
          found.push({ id: row._id, size: known, startedAt: row.started_at, logIndex });
        }
      }
      return found.sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    /** How many sessions `listStarted` would give. */
    async countStarted(accountId: string, { since, until, agentId }: StartedQuery): Promise<number> {
      return await sessions.countDocuments({
        account_id: accountId,
        started_at: { $gte: since, $lt: until },
        importing: { $ne: true },
        ...(agentId !== null && { agent_id: agentId }),
      } as Filter<StoredSession>);
    },
  };
}
