// Verifier keys, c2sp.org/signed-note: `<name>+<key id>+<base64(kind || public key)>`. An auditor is handed one, by
// another way than the reports.
import { hash } from 'node:crypto';
import { PUBLIC_KEY_SIZE } from './ed25519.ts';
import { decodeBase64, encodeBase64 } from './exact-text.ts';

/** What a key signs: notes (0x01) or, with a time, other people's checkpoints (0x04, c2sp.org/tlog-cosignature). */
export type KeyKind = 'ed25519' | 'cosignature';

/** A public key under the name that its signatures carry. */
export type VerifierKey = Readonly<{
  name: string;
  /** 8 hex digits: the first 4 bytes of SHA-256(name || LF || kind || public key). */
  keyIdHex: string;
  kind: KeyKind;
  /** 32 bytes. */
  publicKey: Uint8Array;
}>;

const KIND_BYTES = { ed25519: 0x01, cosignature: 0x04 } as const satisfies Record<KeyKind, number>;

/**
 * Whether a text can be a key's name: not empty, well-formed, without Unicode spaces, plus, and the control characters that
 * no note has (those below U+0020). Others may be in it, as in any text of others that is shown.
 */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note may not hold
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** The verifier key of a public key of 32 bytes. Throws a RangeError for another length, and for what is no name. */
export function verifierKeyOf(name: string, publicKey: Uint8Array, kind: KeyKind = 'ed25519'): VerifierKey {
  if (!isKeyName(name)) throw new RangeError('Not a name of a key');
  if (publicKey.length !== PUBLIC_KEY_SIZE) throw new RangeError('Not an Ed25519 public key');
  const material = Buffer.concat([Buffer.of(KIND_BYTES[kind]), publicKey]);
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), material]), 'hex');
  return { name, keyIdHex: digest.slice(0, 8), kind, publicKey: Uint8Array.from(publicKey) };
}

/**
 * The key that a text names; null for a text that is no verifier key, of another kind than 0x01 and 0x04, or with
 * another key id than its name and bytes give.
 */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name, keyIdHex, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === undefined || base64 === undefined || !isKeyName(name)) return null;
  const material = decodeBase64(base64);
  const kind = kindOf(material?.[0]);
  if (material?.length !== 1 + PUBLIC_KEY_SIZE || kind === null) return null;
  const key = verifierKeyOf(name, material.subarray(1), kind);
  return key.keyIdHex === keyIdHex ? key : null;
}

/** The text of a verifier key. */
export function formatVerifierKey({ name, keyIdHex, kind, publicKey }: VerifierKey): string {
  const material = Buffer.concat([Buffer.of(KIND_BYTES[kind]), publicKey]);
  return `${name}+${keyIdHex}+${encodeBase64(material)}`;
}

function kindOf(byte: number | undefined): KeyKind | null {
  if (byte === KIND_BYTES.ed25519) return 'ed25519';
  return byte === KIND_BYTES.cosignature ? 'cosignature' : null;
}
