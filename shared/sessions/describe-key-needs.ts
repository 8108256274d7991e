// The words for audit keys that stored logs need: for a log, for /health, for a terminal.
import type { Logger } from 'pino';
import { isId } from '../audit/ids.ts';
import { type NeededKey, type ScopeGap, UNREADABLE } from './key-needs.ts';

/** Sentences for an operator: which keys, and the remedy, with the accounts to add. At least one key. */
export function explainNeeds(needed: readonly NeededKey[]): string {
  const narrow = needed.filter((key) => key.problem === 'out_of_scope');
  return [
    `Stored logs need audit keys: ${describeNeeds(needed)}.`,
    ...(narrow.length < needed.length ? [BRING_BACK] : []),
    ...(narrow.length > 0 ? [`${WIDEN}: ${nameSome(narrow.map(describeRemedy))}.`] : []),
  ].join(' ');
}

const BRING_BACK =
  'Set AUDIT_KEYS to the values that these logs were signed with; a key that was made locally is in keys.json in DATA_DIR.';
const WIDEN =
  'A log that its key may not prove is failed, key_out_of_scope. If the key is theirs, widen its scope in AUDIT_KEYS';

function describeRemedy({ keyId, lacks }: NeededKey & { problem: 'out_of_scope' }): string {
  const accounts = lacks.accountIds.map((id) => `;account=${isId('account', id) ? id : UNREADABLE}`);
  return `${keyId}: ${[...(accounts.length > 0 ? [`add ${nameSome(accounts)}`] : []), ...describeTimes(lacks)].join(', ')}`;
}

function describeTimes({ notBefore, notAfter }: ScopeGap): string[] {
  return [
    ...(notBefore ? [`not_before must be ${notBefore.toISOString()} or earlier`] : []),
    ...(notAfter ? [`not_after must be ${notAfter.toISOString()} or later`] : []),
  ];
}

/** Logs an error with the keys and their remedy; nothing where none is needed. */
export function logNeeds(needed: readonly NeededKey[], log: Pick<Logger, 'error'>): void {
  if (needed.length === 0) return;
  log.error({ key_ids: needed.map(({ keyId }) => keyId) }, explainNeeds(needed));
}

/**
 * The keys in one line, each with what is wrong and how many sessions need it. Names no account: whoever asks `/health`
 * may read it. At least one key.
 */
export function describeNeeds(needed: readonly NeededKey[]): string {
  return nameSome(
    needed.map((key) => {
      const { keyId, sessionCount } = key;
      const sessions = countOf(sessionCount, 'session');
      if (key.problem === 'out_of_scope')
        return `${keyId} is out of scope (${[sessions, ...describeGap(key.lacks)].join('; ')})`;
      return `${keyId} ${key.problem === 'missing' ? 'is not configured' : 'does not match'} (${sessions})`;
    }),
  );
}

function describeGap(lacks: ScopeGap): string[] {
  const { length } = lacks.accountIds;
  return [
    ...(length > 0 ? [`;account= is missing for ${countOf(length, 'account')}`] : []),
    ...describeTimes(lacks),
  ];
}

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Keys and accounts that are named one by one; of more, the rest is counted. */
const NAMED = 10;

function nameSome(parts: readonly string[]): string {
  const more = parts.length > NAMED ? [`and ${parts.length - NAMED} more`] : [];
  return [...parts.slice(0, NAMED), ...more].join(', ');
}
