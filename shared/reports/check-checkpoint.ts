// Checks a stored checkpoint before a report states it: whoever writes to the database can leave any text.
import type { Checkpoint } from '../transparency/checkpoint.ts';
import { openCheckpoint } from '../transparency/log-reader.ts';
import { formatVerifierKey } from '../transparency/verifier-key.ts';
import type { LogKeys, SignedCheckpoint } from './account-log.ts';

/** A checkpoint of the account's log, signed by one of its keys. */
export type CheckedCheckpoint = Checkpoint & Readonly<{ verifierKey: string }>;

type Asked = SignedCheckpoint & Readonly<{ accountId: string }>;

/** What was asked for last, by the keys: a report asks for its checkpoint twice, and the next one for the same. */
const LAST = new WeakMap<LogKeys, Asked & Readonly<{ checked: CheckedCheckpoint | null }>>();

/** Null for a text that is no checkpoint of this size of the account's log, or is signed by none of its keys. */
export function checkCheckpoint(
  { checkpoint, size }: SignedCheckpoint,
  keys: LogKeys,
  accountId: string,
): CheckedCheckpoint | null {
  const last = LAST.get(keys);
  const isLast = last?.checkpoint === checkpoint && last.size === size && last.accountId === accountId;
  if (isLast) return last.checked;
  const checked = check({ checkpoint, size, accountId }, keys);
  LAST.set(keys, { checkpoint, size, accountId, checked });
  return checked;
}

function check({ checkpoint: text, size, accountId }: Asked, keys: LogKeys): CheckedCheckpoint | null {
  const opened = openCheckpoint(keys, accountId, text);
  if (opened?.size !== size) return null;
  const { key, ...checkpoint } = opened;
  return { ...checkpoint, verifierKey: formatVerifierKey(key) };
}
