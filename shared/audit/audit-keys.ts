// The audit keys of a deployment, by id. Key bytes leave this file only as hashers and key objects.
import type { KeyObject } from 'node:crypto';
import { ChainHasher, computeKeyCheck } from './chain.ts';
import { computeSealKey } from './seal.ts';

/** An audit key as configured: its id, unique in a deployment, and 32 bytes or more. */
export type AuditKeyBytes = Readonly<{ id: string; bytes: Uint8Array }>;

/**
 * An audit key in use: its hasher for entries, its derived key for seals, and the check value that tells it from
 * another key of the same id.
 */
export type AuditKey = Readonly<{
  id: string;
  /** First 16 hex digits of `HMAC-SHA256(key, "masker-key-check")`. */
  check: string;
  hasher: ChainHasher;
  sealKey: KeyObject;
}>;

/** The audit keys of a deployment: one signs new sessions, each verifies the logs that name it. */
export type Keyring = Readonly<{
  /** The key that writes new sessions; null when none is configured. */
  writer: AuditKey | null;
  /** The key under which a log was written. Null when none of this id is configured, or another key has this id now. */
  find(keyId: string, keyCheck: string): AuditKey | null;
}>;

/** Makes a keyring. The first key listed signs new sessions. No keys make a keyring without a writer. */
export function createKeyring(keys: readonly AuditKeyBytes[]): Keyring {
  const byId = new Map<string, AuditKey>();
  for (const { id, bytes } of keys) {
    const key = {
      id,
      check: computeKeyCheck(bytes),
      hasher: new ChainHasher(bytes),
      sealKey: computeSealKey(bytes),
    };
    byId.set(id, key);
  }
  const [first] = byId.values();
  return {
    writer: first ?? null,
    find(keyId, keyCheck) {
      const key = byId.get(keyId);
      return key && key.check === keyCheck ? key : null;
    },
  };
}
