// Signed notes, c2sp.org/signed-note: a text, an empty line, one line a signature. Go's reader of them is
// golang.org/x/mod/sumdb/note.
import { isSignature } from './ed25519.ts';
import { decodeBase64, encodeBase64 } from './exact-text.ts';
import { keepLast } from './keep-last.ts';
import type { Signer } from './signer.ts';
import { isKeyName, type VerifierKey, verifierKeyOf } from './verifier-key.ts';

/** A signature line. */
export type NoteSignature = Readonly<{
  name: string;
  /** 8 hex digits. */
  keyIdHex: string;
  /** Without the 4 bytes of the key id; one byte or more. */
  signature: Uint8Array;
}>;

/** A note. Nothing says that its signatures are right. */
export type Note = Readonly<{
  /** Signed as it is, with the line end of its last line. */
  text: string;
  signatures: readonly NoteSignature[];
}>;

/** Signature lines of a note, at most: those after them would cost without end. Go's reader has the same limit. */
const SIGNATURES_AT_MOST = 100;
/** UTF-16 code units of a note, at most. */
const NOTE_LENGTH_AT_MOST = 65_536;
const KEY_ID_SIZE = 4;

/**
 * Reads a note strictly; null for a text that is none: without an empty line, with control characters, with a signature
 * line that is not a dash, a name and base64, with no signature or more than 100, longer than 65,536. Keeps signatures of unknown keys.
 */
export const parseNote = keepLast((text): Note | null => {
  const at = text.lastIndexOf('\n\n');
  if (at < 0 || text.length > NOTE_LENGTH_AT_MOST || !isNoteText(text)) return null;
  const lines = text.slice(at + 2, -1).split('\n');
  if (lines.length > SIGNATURES_AT_MOST) return null;
  const signatures = lines.map(parseSignature);
  return signatures.every((signature) => signature !== null)
    ? { text: text.slice(0, at + 1), signatures }
    : null;
});

/** The text of a note, as `parseNote` reads it. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join('')}`;
}

/**
 * Signs a text under a name. Rejects with a RangeError where the text cannot be a note's, which ends in a line end and has
 * no other control characters, or the name no key's.
 */
export async function signNote(text: string, name: string, signer: Signer): Promise<Note> {
  if (!isNoteText(text)) throw new RangeError('Not a text of a note');
  const { keyIdHex } = verifierKeyOf(name, signer.publicKey);
  const signature = await signer.sign(Buffer.from(text));
  return { text, signatures: [{ name, keyIdHex, signature }] };
}

/**
 * Whether a note is signed by a key of kind `ed25519`. Each signature with the key's name and id must be right, and there
 * must be one. Always false of a cosigner's key: `verifyCosignature` takes it.
 */
export function isSignedBy({ text, signatures }: Note, key: VerifierKey): boolean {
  if (key.kind !== 'ed25519') return false;
  const own = signatures.filter((each) => isOf(each, key));
  const bytes = Buffer.from(text);
  return own.length > 0 && own.every(({ signature }) => isSignature(key.publicKey, bytes, signature));
}

/** Whether a signature line says that it is the key's. */
export function isOf({ name, keyIdHex }: NoteSignature, key: VerifierKey): boolean {
  return name === key.name && keyIdHex === key.keyIdHex;
}

/** Whether a text can be a note's: it ends in a line end, and has no half characters and no other control characters. */
export function isNoteText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note may not hold
  return text.endsWith('\n') && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}

function parseSignature(line: string): NoteSignature | null {
  const [, name, base64] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  if (name === undefined || base64 === undefined || !isKeyName(name)) return null;
  const bytes = decodeBase64(base64);
  if (bytes === null || bytes.length <= KEY_ID_SIZE) return null;
  const keyIdHex = Buffer.from(bytes.subarray(0, KEY_ID_SIZE)).toString('hex');
  return { name, keyIdHex, signature: bytes.slice(KEY_ID_SIZE) };
}

function formatSignature({ name, keyIdHex, signature }: NoteSignature): string {
  return `— ${name} ${encodeBase64(Buffer.concat([Buffer.from(keyIdHex, 'hex'), signature]))}\n`;
}
