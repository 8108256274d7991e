// The audit keys of a deployment, by id. Key bytes leave this file only as hashers and key objects.
import type { KeyObject } from 'node:crypto';
import { createAccessHasher } from './access-key.ts';
import { ChainHasher, computeKeyCheck } from './chain.ts';
import { computeClosingKey } from './closing.ts';
import { computeOpeningKey } from './opening.ts';
import { computeSealKey } from './seal.ts';
import type { TextHmac } from './text-hmac.ts';
import { type FailedLog, failed, type UnknownKey, unknownKey } from './verdict.ts';

/**
 * What a key may sign and prove, audit-format "Chain". Without accounts it is the operator's own, for every account.
 * Times are compared with a session's start, both ends included; null leaves that end open.
 */
export type KeyScope = Readonly<{
  accountIds: readonly string[];
  notBefore: Date | null;
  notAfter: Date | null;
}>;

/** The scope of a key that is given without one: every account, at any time. */
export const EVERY_LOG: KeyScope = Object.freeze({ accountIds: [], notBefore: null, notAfter: null });

/** An audit key as configured: its id, unique in a deployment, 32 bytes or more, and its scope. */
export type AuditKeyBytes = Readonly<{ id: string; bytes: Uint8Array; scope?: KeyScope }>;

/**
 * An audit key in use: its hashers for entries and for the access record, its derived keys for seals and for opening and
 * closing marks, and the check value that tells it from another key of the same id.
 */
export type AuditKey = Readonly<{
  id: string;
  /** First 16 hex digits of `HMAC-SHA256(key, "masker-key-check")`. */
  check: string;
  scope: KeyScope;
  hasher: ChainHasher;
  sealKey: TextHmac;
  openingKey: KeyObject;
  closingKey: KeyObject;
  accessHasher: ChainHasher;
}>;

/** Whose session it is and when it started: what a scope is compared with. */
export type ScopedSession = Readonly<{ accountId: string; startedAt: Date }>;

/** The key of a log, or the verdict on a log that no key can check. */
export type FoundKey =
  | Readonly<{ key: AuditKey; verdict: null }>
  | Readonly<{ key: null; verdict: FailedLog | UnknownKey }>;

/** The audit keys of a deployment. */
export type Keyring = Readonly<{
  /**
   * The key that signs a new session: the first that is bound to its account, else the first that is bound to none, of
   * those in force at its start and `now`, give or take a day. Null when there is none.
   */
  writerFor(session: ScopedSession, now?: Date): AuditKey | null;
  /** Ids of the keys in force at a session's start that may not sign it, since they are not in force `now`. */
  lapsedFor(session: ScopedSession, now?: Date): readonly string[];
  /**
   * The key under which a log was written. `unverifiable` when none of this id is configured, or another key has this
   * id now; `key_out_of_scope` when the key may not prove this account's logs, or none of this time.
   */
  find(log: ScopedSession & Readonly<{ keyId: string; keyCheck: string }>): FoundKey;
  /** The key that is configured under an id, whatever logs it may prove; null for none. */
  named(keyId: string): AuditKey | null;
}>;

/** Prepares a key for use. */
export function createAuditKey({ id, bytes, scope = EVERY_LOG }: AuditKeyBytes): AuditKey {
  return {
    id,
    check: computeKeyCheck(bytes),
    scope,
    hasher: new ChainHasher(bytes),
    sealKey: computeSealKey(bytes),
    openingKey: computeOpeningKey(bytes),
    closingKey: computeClosingKey(bytes),
    accessHasher: createAccessHasher(bytes),
  };
}

/** Makes a keyring. Among keys that may sign a session, the one listed first does. */
export function createKeyring(keys: readonly AuditKeyBytes[]): Keyring {
  const byId = new Map(keys.map((key) => [key.id, createAuditKey(key)]));
  const inScope = (session: ScopedSession) =>
    [...byId.values()].filter(({ scope }) => isInScope(scope, session));
  return {
    writerFor(session, now = new Date()) {
      const usable = inScope(session).filter(({ scope }) => isInForce(scope, now));
      return usable.find(({ scope }) => scope.accountIds.length > 0) ?? usable[0] ?? null;
    },
    lapsedFor(session, now = new Date()) {
      return inScope(session)
        .filter(({ scope }) => !isInForce(scope, now))
        .map(({ id }) => id);
    },
    named: (keyId) => byId.get(keyId) ?? null,
    find({ accountId, startedAt, keyId, keyCheck }) {
      const key = byId.get(keyId);
      if (key?.check !== keyCheck) {
        return { key: null, verdict: unknownKey(keyId) };
      }
      if (!isInScope(key.scope, { accountId, startedAt })) {
        return { key: null, verdict: failed('key_out_of_scope', 0, null, null) };
      }
      return { key, verdict: null };
    },
  };
}

/** Whether a key of this scope may sign and prove a session's log. */
export function isInScope(
  { accountIds, notBefore, notAfter }: KeyScope,
  { accountId, startedAt }: ScopedSession,
): boolean {
  if (accountIds.length > 0 && !accountIds.includes(accountId)) return false;
  // Written so that an invalid date is in no scope that has an end.
  return !(notBefore && !(startedAt >= notBefore)) && !(notAfter && !(startedAt <= notAfter));
}

/** How long after its end, and before its begin, a key may open a session: clocks differ, and a writer may be late. */
const TOLERANCE_MS = 24 * 3_600_000;

/** Whether a key of this scope may sign a session that is opened now, whatever start the session states. */
function isInForce({ notBefore, notAfter }: KeyScope, now: Date): boolean {
  const atMs = now.getTime();
  return (
    !(notBefore && atMs < notBefore.getTime() - TOLERANCE_MS) &&
    !(notAfter && atMs > notAfter.getTime() + TOLERANCE_MS)
  );
}
