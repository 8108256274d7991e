// Which audit keys stored logs need and this process does not have, and which of its keys have too narrow a scope for
// stored logs. It knows at once which they are. How many sessions need each is as the pipeline counted last; without a
// pipeline, and for scopes, the count is made here, where a key is needed.
import type { Db } from 'mongodb';
import { type AuditKeyBytes, EVERY_LOG } from '../audit/audit-keys.ts';
import { computeKeyCheck } from '../audit/chain.ts';
import { createKeyScopeRepository, type OutsideLogs, type ScopedKey } from './key-scopes.ts';
import { createKeyUseRepository, type KeyUse } from './key-uses.ts';

/**
 * A key that stored logs need. `missing`: no key of this id is configured. `mismatch`: the configured key of this id is
 * another than the one that the logs were signed with. `out_of_scope`: it is that one, and its scope leaves logs out.
 */
export type NeededKey = Readonly<{
  keyId: string;
  /** How many published sessions need it. */
  sessionCount: number;
}> &
  (Readonly<{ problem: 'missing' | 'mismatch' }> | Readonly<{ problem: 'out_of_scope'; lacks: ScopeGap }>);

/** What a scope would have to be for every stored log under its key to be in it. */
export type ScopeGap = Readonly<{
  /** Accounts to add, sorted. Empty where it has them all, or needs none. */
  accountIds: readonly string[];
  /** The earliest and latest start that is left out; null where that end is wide enough. */
  notBefore: Date | null;
  notAfter: Date | null;
}>;

/** The needed keys of one process. */
export type KeyNeeds = Readonly<{
  /** Finds them, sorted by id. Rejects with the driver's error when the database is away. */
  find(): Promise<readonly NeededKey[]>;
  /** The ones that an account's stored logs need, counted over this account alone. Rejects as `find` does. */
  findOf(accountId: string): Promise<readonly NeededKey[]>;
  /** What `find` found last; null before it ever did. */
  last(): readonly NeededKey[] | null;
}>;

/** The pipeline counts each minute; an older count was left by a pipeline that does not run. */
const KEPT_FOR_MS = 5 * 60_000;
/** Logs out of scope are counted again after a minute, and in at most one part in so many of the time. */
const OUTSIDE_KEPT_FOR_MS = 60_000;
const OUTSIDE_PACE = 100;
/** The ids that `AUDIT_KEYS` takes. Another was written by no writer of ours, and may hold anything. */
const KEY_ID = /^[A-Za-z0-9_.-]{1,64}$/;
/** Stands for an id that is not repeated. */
export const UNREADABLE = '(unreadable id)';

/** What stored logs need beyond `keys`. Calls at the same time share one search. */
export function createKeyNeeds(db: Db, keys: readonly AuditKeyBytes[]): KeyNeeds {
  const repository = createKeyUseRepository(db);
  const known: readonly ScopedKey[] = keys.map(({ id, bytes, scope = EVERY_LOG }) => ({
    keyId: id,
    keyCheck: computeKeyCheck(bytes),
    scope,
  }));
  const configured = new Map(known.map(({ keyId, keyCheck }) => [keyId, keyCheck]));
  const searchOutside = createOutsideSearch(db, known);

  async function searchLost(): Promise<readonly NeededKey[]> {
    const { uses, countedAt } = (await repository.find()) ?? { uses: [], countedAt: new Date() };
    const needed = judgeUses(uses, configured);
    // Either way: another machine's clock may be ahead.
    const isOld = needed.length > 0 && Math.abs(Date.now() - countedAt.getTime()) > KEPT_FOR_MS;
    if (!isOld && !(await repository.hasOthers([...known, ...uses]))) return needed;
    return judgeUses((await repository.recount()).uses, configured);
  }

  async function search(): Promise<readonly NeededKey[]> {
    const [lost, outside] = await Promise.all([searchLost(), searchOutside()]);
    return [...lost, ...judgeScopes(outside, known)].sort(byKeyId);
  }

  let searching: Promise<readonly NeededKey[]> | null = null;
  let last: readonly NeededKey[] | null = null;
  return {
    find() {
      searching ??= search()
        .then((found) => {
          last = found;
          return found;
        })
        .finally(() => {
          searching = null;
        });
      return searching;
    },
    async findOf(accountId) {
      const [isLacking, outside] = await Promise.all([
        repository.hasOthers(known, accountId),
        searchOutside(),
      ]);
      const uses = isLacking ? await repository.countOf(accountId) : [];
      const own = outside.filter((logs) => logs.accountId === accountId);
      return [...judgeUses(uses, configured), ...judgeScopes(own, known)].sort(byKeyId);
    },
    last: () => last,
  };
}

/**
 * Finds the stored logs that the scope of their key leaves out. Looks at each call whether there is such a log under a key that has
 * none yet, and counts again where there is, or where its last count is old.
 */
function createOutsideSearch(db: Db, keys: readonly ScopedKey[]): () => Promise<readonly OutsideLogs[]> {
  const repository = createKeyScopeRepository(db);
  let counted: Readonly<{ logs: readonly OutsideLogs[]; untilMs: number }> = { logs: [], untilMs: 0 };
  return async () => {
    const beganMs = performance.now();
    if (beganMs > counted.untilMs) counted = { logs: [], untilMs: 0 };
    const named = new Set(counted.logs.map(({ keyId }) => keyId));
    const others = keys.filter(({ keyId }) => !named.has(keyId));
    if (!(await repository.hasOutside(others))) return counted.logs;
    const logs = await repository.listOutside(keys);
    const endedMs = performance.now();
    const keptMs = Math.max(OUTSIDE_KEPT_FOR_MS, OUTSIDE_PACE * (endedMs - beganMs));
    counted = { logs, untilMs: endedMs + keptMs };
    return logs;
  };
}

/** What stored logs need where no key is configured, counted now. Rejects with the driver's error. */
export async function countNeeds(db: Db): Promise<readonly NeededKey[]> {
  return judgeUses((await createKeyUseRepository(db).recount()).uses, new Map());
}

/** The needed keys among all that are used. `configured` has the check of each configured key, by its id. */
export function judgeUses(
  uses: readonly KeyUse[],
  configured: ReadonlyMap<string, string>,
): readonly NeededKey[] {
  const needed = new Map<string, NeededKey>();
  for (const { keyId, keyCheck, sessionCount } of uses) {
    const check = configured.get(keyId);
    if (check === keyCheck) continue;
    const shown = KEY_ID.test(keyId) ? keyId : UNREADABLE;
    needed.set(shown, {
      keyId: shown,
      problem: check === undefined ? 'missing' : 'mismatch',
      sessionCount: sessionCount + (needed.get(shown)?.sessionCount ?? 0),
    });
  }
  return [...needed.values()].sort(byKeyId);
}

/** The keys among `keys` whose scope leaves logs out. */
function judgeScopes(outside: readonly OutsideLogs[], keys: readonly ScopedKey[]): NeededKey[] {
  const byKey = Map.groupBy(outside, ({ keyId }) => keyId);
  return keys.flatMap(({ keyId, scope: { accountIds, notBefore, notAfter } }) => {
    const logs = byKey.get(keyId);
    if (!logs) return [];
    const earliest = minDate(logs.map((log) => log.earliest));
    const latest = maxDate(logs.map((log) => log.latest));
    const lacks: ScopeGap = {
      accountIds:
        accountIds.length === 0
          ? []
          : logs
              .map(({ accountId }) => accountId)
              .filter((id) => !accountIds.includes(id))
              .sort(),
      notBefore: notBefore && earliest < notBefore ? earliest : null,
      notAfter: notAfter && latest > notAfter ? latest : null,
    };
    const sessionCount = logs.reduce((sum, log) => sum + log.sessionCount, 0);
    return [{ keyId, problem: 'out_of_scope' as const, sessionCount, lacks }];
  });
}

/** Of one date or more. */
const minDate = (dates: readonly Date[]) => dates.reduce((least, date) => (date < least ? date : least));
const maxDate = (dates: readonly Date[]) => dates.reduce((most, date) => (date > most ? date : most));

const byKeyId = (a: NeededKey, b: NeededKey) => Number(a.keyId > b.keyId) - Number(a.keyId < b.keyId);
