// The settings of the keys that sign account logs. Whatever is wrong is told by the variable's name, never by a value.
import { createPublicKey } from 'node:crypto';
import { PUBLIC_KEY_SIZE, publicKeyBytes } from '../transparency/ed25519.ts';
import { decodeBase64 } from '../transparency/exact-text.ts';
import type { SigningSettings } from '../transparency/open-signing.ts';
import { openPemSigner, readPrivateKey } from '../transparency/signer.ts';
import { isKeyName } from '../transparency/verifier-key.ts';

const NAMES = ['SIGNING_KEY', 'LOG_ORIGIN', 'PREVIOUS_SIGNING_KEY', 'RETIRED_KEYS'] as const;

/** Characters of LOG_ORIGIN: with a slash and an account's id, an origin has at most 255 bytes (c2sp.org/tlog-cosignature). */
const ORIGIN_LIMIT = 200;

/** How a private key is made, for messages. */
export const MAKE_SIGNING_KEY = 'make one: openssl genpkey -algorithm ed25519';

/** Removes the private keys from an environment, so that no thread and no other process inherits them. */
export function forgetSigningKeys(env: Record<string, string | undefined>): void {
  delete env.SIGNING_KEY;
  delete env.PREVIOUS_SIGNING_KEY;
}

/**
 * Reads the settings; null where none is given, which production does not allow. Adds a sentence to `problems` for each
 * fault.
 */
export function readSigningSettings(
  given: Readonly<Record<string, string>>,
  production: boolean,
  problems: string[],
): SigningSettings | null {
  const [first] = NAMES.filter((name) => given[name] !== undefined);
  if (first === undefined && !production) return null;
  const faults: string[] = [];
  const when = production ? 'in production' : `with ${first}`;
  const { SIGNING_KEY: privateKeyPem, LOG_ORIGIN: origin, PREVIOUS_SIGNING_KEY: previousPem } = given;
  if (privateKeyPem === undefined) {
    faults.push(
      `SIGNING_KEY is required ${when}: set it to an Ed25519 private key, or SIGNING_KEY_FILE to its file (${MAKE_SIGNING_KEY})`,
    );
  } else if (!isSigningKey(privateKeyPem)) faults.push(keyFault('SIGNING_KEY'));
  if (origin === undefined) {
    faults.push(
      `LOG_ORIGIN is required ${when}: set it to the address of the service without https://, such as evidence.example.org`,
    );
  } else if (!isLogOrigin(origin)) {
    faults.push(
      `LOG_ORIGIN must be a host and maybe a path, such as evidence.example.org/logs: in small letters, without https://, spaces, plus, query or a slash at its end, at most ${ORIGIN_LIMIT} characters`,
    );
  }
  if (previousPem !== undefined && !isSigningKey(previousPem)) faults.push(keyFault('PREVIOUS_SIGNING_KEY'));
  const retiredPublicKeys = readPublicKeys(given.RETIRED_KEYS ?? '', faults);
  problems.push(...faults);
  if (faults.length > 0 || privateKeyPem === undefined || origin === undefined) return null;
  problems.push(...findRepeated(privateKeyPem, previousPem, retiredPublicKeys));
  return Object.freeze({
    origin,
    privateKeyPem,
    previousPem: previousPem ?? null,
    retiredPublicKeys: Object.freeze(retiredPublicKeys),
  });
}

/** Whether a text is the PEM of a key that can sign. */
export function isSigningKey(pem: string): boolean {
  return readPrivateKey(pem) !== null;
}

/**
 * Whether a text can be what origins begin with: a schema-less URL prefix (c2sp.org/tlog-tiles) in the one spelling that a
 * URL has, which is also a name of a key.
 */
function isLogOrigin(text: string): boolean {
  if (!isKeyName(text) || text.length > ORIGIN_LIMIT || !/^[a-z0-9[][^?#@\\]*[^/]$/.test(text)) return false;
  const address = `https://${text}`;
  return URL.canParse(address) && [address, `${address}/`].includes(new URL(address).href);
}

function keyFault(name: string): string {
  return `${name} must be one Ed25519 private key as PKCS#8 PEM, -----BEGIN PRIVATE KEY----- … (${MAKE_SIGNING_KEY})`;
}

const PUBLIC_PEM = /-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----/g;

/** Keys as PEM blocks, or as base64 of 32 bytes, one a line; each once. */
function readPublicKeys(text: string, faults: string[]): Uint8Array[] {
  const keys: Uint8Array[] = [];
  // A block becomes one line, so that keys are counted in their order.
  const lines = text.replaceAll(PUBLIC_PEM, (block) => block.replaceAll(/\r?\n/g, ' ')).split('\n');
  for (const [index, line] of lines
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .entries()) {
    const key = line.startsWith('-----') ? readPublicPem(line.replaceAll(' ', '\n')) : decodeBase64(line);
    if (key?.length !== PUBLIC_KEY_SIZE) {
      faults.push(
        `RETIRED_KEYS, key ${index + 1}: must be an Ed25519 public key, a PEM block (openssl pkey -pubout) or base64 of its 32 bytes on one line`,
      );
    } else if (!keys.some((earlier) => isSame(earlier, key))) keys.push(key);
  }
  return keys;
}

function readPublicPem(line: string): Uint8Array | null {
  const pem = line
    .replace('BEGIN\nPUBLIC\nKEY', 'BEGIN PUBLIC KEY')
    .replace('END\nPUBLIC\nKEY', 'END PUBLIC KEY');
  try {
    return publicKeyBytes(createPublicKey(pem));
  } catch {
    return null;
  }
}

/** One key in two places would mean two things. */
function findRepeated(
  privateKeyPem: string,
  previousPem: string | undefined,
  retired: readonly Uint8Array[],
): string[] {
  const { publicKey } = openPemSigner(privateKeyPem);
  const isPrevious = previousPem !== undefined && isSame(openPemSigner(previousPem).publicKey, publicKey);
  return [
    ...(isPrevious
      ? ['PREVIOUS_SIGNING_KEY is the key of SIGNING_KEY: set it to the key before it, or unset it']
      : []),
    ...(retired.some((key) => isSame(key, publicKey))
      ? ['RETIRED_KEYS has the key of SIGNING_KEY, which signs: remove it there']
      : []),
  ];
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
