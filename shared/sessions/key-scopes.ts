// Stored logs whose key is configured and matches, but may not prove them: the scope of the key leaves out their account
// or their start. Nothing is kept, since each process may have other scopes. An index holds every field that is read.
import type { Collection, Db, Filter } from 'mongodb';
import type { KeyScope } from '../audit/audit-keys.ts';
import { ONE_TIME } from '../mongo/earliest.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { ANY_TEXT } from './key-uses.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

/** A configured key: its id, its check value, and its scope. */
export type ScopedKey = Readonly<{ keyId: string; keyCheck: string; scope: KeyScope }>;

/** The logs of one account that name a key and are out of its scope. */
export type OutsideLogs = Readonly<{
  keyId: string;
  accountId: string;
  sessionCount: number;
  /** Of their starts. */
  earliest: Date;
  latest: Date;
}>;

/** The published logs of all accounts that are out of their key's scope. */
export type KeyScopeRepository = ReturnType<typeof createKeyScopeRepository>;

/** Both methods reject with the driver's error when the database is away. */
export function createKeyScopeRepository(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);
  return {
    /** Whether any log is out of the scope of one of the keys. Costs seeks in the index: it reads no range of it. */
    async hasOutside(keys: readonly ScopedKey[]): Promise<boolean> {
      const filter = outsideOf(keys);
      if (filter === null) return false;
      return (await sessions.findOne(filter, { projection: { _id: 0, 'log.key_id': 1 } })) !== null;
    },

    /** The logs out of scope, by key and account. Reads the index where they stand. */
    async listOutside(keys: readonly ScopedKey[]): Promise<OutsideLogs[]> {
      const filter = outsideOf(keys);
      if (filter === null) return [];
      const groups = sessions.aggregate<{
        _id: { key: string; account: string };
        sessions: number;
        earliest: Date;
        latest: Date;
      }>([
        { $match: filter },
        {
          $group: {
            _id: { key: '$log.key_id', account: '$account_id' },
            sessions: { $sum: 1 },
            earliest: { $min: '$started_at' },
            latest: { $max: '$started_at' },
          },
        },
      ]);
      const found: OutsideLogs[] = [];
      for await (const { _id, sessions: sessionCount, earliest, latest } of groups)
        found.push({ keyId: _id.key, accountId: _id.account, sessionCount, earliest, latest });
      return found;
    },
  };
}

/** Null where every scope is open. Each alternative is a range of the index, or one in each account. */
function outsideOf(keys: readonly ScopedKey[]): Filter<StoredSession> | null {
  const alternatives = keys.flatMap(({ keyId, keyCheck, scope: { accountIds, notBefore, notAfter } }) => {
    const named = { 'log.key_id': keyId, 'log.key_check': keyCheck, importing: { $ne: true } };
    const isBound = accountIds.length > 0;
    const own = { ...named, account_id: isBound ? { $in: accountIds } : ANY_TEXT };
    return [
      ...(isBound ? [{ ...named, account_id: { ...ANY_TEXT, $nin: accountIds }, started_at: ONE_TIME }] : []),
      ...(notBefore ? [{ ...own, started_at: { ...ONE_TIME, $lt: notBefore } }] : []),
      ...(notAfter ? [{ ...own, started_at: { ...ONE_TIME, $gt: notAfter } }] : []),
    ];
  });
  return alternatives.length === 0 ? null : ({ $or: alternatives } as Filter<StoredSession>);
}
