// The payloads of all accounts' sessions at once, for the workers and the operator's commands alone.
import type { Collection, Db, Filter } from 'mongodb';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { storedText } from '../mongo/stored-text.ts';
import {
  NAMING_FIELDS,
  namedPayloads,
  PAYLOADS,
  payloadsId,
  type StoredPayloads,
} from './session-payloads.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

/** A document of payloads, by what its `_id` says. */
export type PayloadsRef = LogRef & Readonly<{ id: string; unsettledSince: Date | null }>;

/** The payloads of all accounts. */
export type FleetPayloads = ReturnType<typeof createFleetPayloads>;

/** All methods reject with the driver's error when the database is away. */
export function createFleetPayloads(db: Db) {
  const stored: Collection<StoredPayloads> = evidenceCollection(db, PAYLOADS);
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  /** Which of these documents a row names, hidden ones included. */
  async function findNamed(ids: readonly string[]): Promise<ReadonlySet<string>> {
    // Whoever writes to the database can leave ids of any type.
    const sessionIds = [...new Set(ids.map((id) => toRef(storedText(id)).sessionId))];
    const rows = await sessions
      .find({ _id: { $in: sessionIds } }, { projection: NAMING_FIELDS, batchSize: sessionIds.length + 1 })
      .toArray();
    return new Set(
      rows.flatMap((row) => {
        const sha256Hex = namedPayloads(row);
        return typeof sha256Hex === 'string'
          ? [payloadsId(storedText(row.account_id), row._id, sha256Hex)]
          : [];
      }),
    );
  }

  return {
    findNamed,

    /**
     * Looks at most at `limit` documents that are unsettled since before a time. Removes those that no row names: their
     * writer was killed, or another one was faster. `before` must leave a writer the time to write its row.
     */
    async settle(before: Date, limit: number): Promise<Readonly<{ kept: number; removed: number }>> {
      const due = { unsettled_since: { $lt: before } };
      const documents = await stored
        .find(due, { projection: { _id: 1 } })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
      const ids = documents.map(({ _id }) => _id);
      if (ids.length === 0) return { kept: 0, removed: 0 };
      const named = await findNamed(ids);
      const isNamed = (id: string) => named.has(id);
      const kept = await stored.updateMany(
        { _id: { $in: ids.filter(isNamed) }, ...due },
        { $unset: { unsettled_since: '' } },
      );
      // A writer that stores the same payloads again makes them younger first, and they stay.
      const { deletedCount } = await stored.deleteMany({
        _id: { $in: ids.filter((id) => !isNamed(id)) },
        ...due,
      });
      return { kept: kept.matchedCount, removed: deletedCount };
    },

    /** Every document, in ascending order of ids. */
    async *list(): AsyncGenerator<PayloadsRef> {
      const options = {
        projection: { _id: 1, unsettled_since: 1 },
        sort: { _id: 1 },
        batchSize: 1_000,
      } as const;
      for await (const { _id, unsettled_since: since } of stored.find({}, options)) {
        yield { ...toRef(storedText(_id)), id: storedText(_id), unsettledSince: since ?? null };
      }
    },

    /** Sessions whose rows name payloads, hidden ones included, each with the document's `_id`. */
    async *listNaming(): AsyncGenerator<LogRef & Readonly<{ id: string }>> {
      const filter = { payloads_sha256: { $type: 'string' } } as Filter<StoredSession>;
      for await (const row of sessions.find(filter, { projection: NAMING_FIELDS, batchSize: 1_000 })) {
        const { _id: sessionId, account_id: accountId } = row;
        const sha256Hex = namedPayloads(row);
        if (sha256Hex !== null)
          yield { accountId, sessionId, id: payloadsId(accountId, sessionId, storedText(sha256Hex)) };
      }
    },

    /** Which of these documents are stored. */
    async findStored(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const options = { projection: { _id: 1 }, batchSize: ids.length + 1 } as const;
      const found = await stored.find({ _id: { $in: [...ids] } }, options).toArray();
      return new Set(found.map(({ _id }) => _id));
    },
  };
}

function toRef(id: string): LogRef {
  const [accountId = '', sessionId = ''] = id.split('/');
  return { accountId, sessionId };
}
