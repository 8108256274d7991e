// Who signs account logs: the name that a deployment gives its logs, and the public keys that it has had.
import { type VerifierKey, verifierKeyOf } from './verifier-key.ts';

/** What a process knows of the keys of the logs, without any private key. */
export type LogIdentity = Readonly<{
  /** `LOG_ORIGIN`: the prefix of every log's origin. */
  origin: string;
  /** 32 bytes each: the key that signs first, then those that signed before it. */
  publicKeys: readonly [Uint8Array, ...Uint8Array[]];
}>;

/** The origin of an account's log, which is also the name of its key. */
export function logOrigin({ origin }: Pick<LogIdentity, 'origin'>, accountId: string): string {
  return `${origin}/${accountId}`;
}

/** The verifier key of an account's log: what an auditor is handed. */
export function logKey(identity: LogIdentity, accountId: string): VerifierKey {
  return verifierKeyOf(logOrigin(identity, accountId), identity.publicKeys[0]);
}

/** The verifier keys that the log of an account has had, the present one first. */
export function logKeys(identity: LogIdentity, accountId: string): VerifierKey[] {
  const name = logOrigin(identity, accountId);
  return identity.publicKeys.map((key) => verifierKeyOf(name, key));
}
