// Which audit keys stored logs need and this process does not have. It knows at once which they are. How many sessions
// need each is as the pipeline counted last; without a pipeline the count is made here, where a key is needed.
import type { Db } from 'mongodb';
import type { Logger } from 'pino';
import type { AuditKeyBytes } from '../audit/audit-keys.ts';
import { computeKeyCheck } from '../audit/chain.ts';
import { createKeyUseRepository, type KeyUse } from './key-uses.ts';

/**
 * A key that stored logs need. `missing`: no key of this id is configured. `mismatch`: the configured key of this id is
 * another than the one that the logs were signed with.
 */
export type NeededKey = Readonly<{
  keyId: string;
  problem: 'missing' | 'mismatch';
  /** How many published sessions need it. */
  sessionCount: number;
}>;

/** The needed keys of one process. */
export type KeyNeeds = Readonly<{
  /** Finds them, sorted by id. Rejects with the driver's error when the database is away. */
  find(): Promise<readonly NeededKey[]>;
  /** What `find` found last; null before it ever did. */
  last(): readonly NeededKey[] | null;
}>;

/** The pipeline counts each minute; an older count was left by a pipeline that does not run. */
const KEPT_FOR_MS = 5 * 60_000;
/** The ids that `AUDIT_KEYS` takes. Another was written by no writer of ours, and may hold anything. */
const KEY_ID = /^[A-Za-z0-9_.-]{1,64}$/;
const UNREADABLE = '(unreadable id)';

/** What stored logs need beyond `keys`. Calls at the same time share one search. */
export function createKeyNeeds(db: Db, keys: readonly AuditKeyBytes[]): KeyNeeds {
  const repository = createKeyUseRepository(db);
  const configured = new Map(keys.map(({ id, bytes }) => [id, computeKeyCheck(bytes)]));
  const known = [...configured].map(([keyId, keyCheck]) => ({ keyId, keyCheck }));

  async function search(): Promise<readonly NeededKey[]> {
    const { uses, countedAt } = (await repository.find()) ?? { uses: [], countedAt: new Date() };
    const needed = judgeUses(uses, configured);
    // Either way: another machine's clock may be ahead.
    const isOld = needed.length > 0 && Math.abs(Date.now() - countedAt.getTime()) > KEPT_FOR_MS;
    if (!isOld && !(await repository.hasOthers([...known, ...uses]))) return needed;
    return judgeUses((await repository.recount()).uses, configured);
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
    last: () => last,
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
  return [...needed.values()].sort((a, b) => (a.keyId < b.keyId ? -1 : 1));
}

/** Sentences for an operator: which keys, and the remedy. At least one key. */
export function explainNeeds(needed: readonly NeededKey[]): string {
  return `Stored logs need audit keys: ${describeNeeds(needed)}. Set AUDIT_KEYS to the values that these logs were signed with; a key that was made locally is in keys.json in DATA_DIR.`;
}

/** Logs an error with the keys and their remedy; nothing where none is needed. */
export function logNeeds(needed: readonly NeededKey[], log: Pick<Logger, 'error'>): void {
  if (needed.length === 0) return;
  log.error({ key_ids: needed.map(({ keyId }) => keyId) }, explainNeeds(needed));
}

/** Keys that are named one by one; of more, the rest is counted. */
const NAMED = 10;

/** The keys in one line, each with what is wrong and how many sessions need it. At least one key. */
export function describeNeeds(needed: readonly NeededKey[]): string {
  const named = needed.slice(0, NAMED).map(({ keyId, problem, sessionCount }) => {
    const what = problem === 'missing' ? 'is not configured' : 'does not match';
    return `${keyId} ${what} (${sessionCount} ${sessionCount === 1 ? 'session' : 'sessions'})`;
  });
  const more = needed.length > NAMED ? [`and ${needed.length - NAMED} more`] : [];
  return [...named, ...more].join(', ');
}
