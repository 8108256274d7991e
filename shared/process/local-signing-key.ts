// The signing key for local use, DATA_DIR/signing-key.pem, and the origin of the logs that it signs.
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ulid } from 'ulid';
import { ConfigError } from './config.ts';
import { isSigningKey, MAKE_SIGNING_KEY } from './signing-settings.ts';

/** Finds the origins of the account logs that are stored. Asked only before a key, or an origin, would be made for them. */
export type FindLogOrigins = () => Promise<readonly string[]>;

/** What is kept in DATA_DIR of the key and of the origin; null for what is not there. */
export type KeptSigning = Readonly<{ pem: string | null; origin: string | null }>;

/** The PEM in a file; null where there is none. Rejects with a `ConfigError` for a file that cannot be read or used. */
export async function readSigningPem(file: string): Promise<string | null> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new ConfigError([`${file} cannot be read: make it readable for the user that runs this`]);
  }
  if (isSigningKey(pem)) return pem;
  throw new ConfigError([
    `${file} is damaged: put back a copy of it (without its key, nothing more is signed under the name that auditors know)`,
  ]);
}

/** A new Ed25519 private key, PKCS#8 PEM. */
export function newSigningPem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
}

/** A new origin. It names no host: nobody reaches a local service by one. */
export function newLocalOrigin(): string {
  return `localhost/${ulid()}`;
}

/** Throws a `ConfigError` where account logs are stored: what was kept for them is lost, and a new key would hide it. */
export function refuseLostSigningKey(files: LocalFiles, kept: KeptSigning, stored: readonly string[]): void {
  if (stored.length === 0) return;
  const example = stored.find((origin) => origin.includes('/'));
  const prefix = kept.origin ?? example?.replace(/\/[^/]*$/, '');
  throw new ConfigError([
    `${stored.length} account ${stored.length === 1 ? 'log is' : 'logs are'} stored, such as ${example ?? stored[0]}, and ${kept.pem === null ? files.signingKey : files.keys} with ${kept.pem === null ? 'the key that signs them' : 'their origin'} is lost. Bring it back from a copy. To go on under a new key, set SIGNING_KEY to it (${MAKE_SIGNING_KEY}) and LOG_ORIGIN to ${prefix ?? 'their origin without the account'}, and hand the new verifier keys to the auditors`,
  ]);
}

/** Absolute paths in DATA_DIR. */
export type LocalFiles = Readonly<{ keys: string; signingKey: string }>;
