// What the signature of one row of the access record is worth, by itself: a list tells it, a walk checks the chain too.
import type { Keyring } from '../audit/audit-keys.ts';
import { type AccessRow, hashAccessRow } from './access-row.ts';

/**
 * `valid`: the row is as the key's holder signed it. `none`: no key was in force, or somebody wrote the row. `unknown`: its
 * key is not configured, or may not sign for this account or time. `false`: the row is not what its hash is over.
 */
export const ROW_SIGNATURES = ['valid', 'none', 'unknown', 'false'] as const;

/** One of `ROW_SIGNATURES`. */
export type RowSignature = (typeof ROW_SIGNATURES)[number];

/** Hashes the row behind the hash that it names as the one before: whether a row with that hash is there, only a walk tells. */
export function judgeRow(keyring: Pick<Keyring, 'find'>, row: AccessRow): RowSignature {
  const { keyId, keyCheck, account: accountId, at: startedAt, thisHashHex } = row;
  if (keyId === null || keyCheck === null) {
    return hashAccessRow(row, null) === thisHashHex ? 'none' : 'false';
  }
  const { key } = keyring.find({ accountId, startedAt, keyId, keyCheck });
  if (key === null) return 'unknown';
  return hashAccessRow(row, key) === thisHashHex ? 'valid' : 'false';
}
