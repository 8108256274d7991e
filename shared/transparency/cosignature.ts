// Cosignatures, c2sp.org/tlog-cosignature: a witness says that, at a time, a checkpoint extended all those of that log
// that it had seen.
import { isSignature, SIGNATURE_SIZE } from './ed25519.ts';
import { isOf, type NoteSignature } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

const TIME_SIZE = 8;

/** Seconds since 1970 at the end of the year 9999: no witness has a later time. */
const LAST_SECOND = 253_402_300_799n;

export type Cosigned = Readonly<{ at: Date }>;

/**
 * The time of a cosignature on a checkpoint, the note's text; null where the signature line is not the key's, the key no
 * cosigner's, the time beyond the year 9999, or the signature wrong. The structure is 8 bytes of POSIX seconds and an Ed25519 signature.
 */
export function verifyCosignature(noteText: string, line: NoteSignature, key: VerifierKey): Cosigned | null {
  if (key.kind !== 'cosignature' || !isOf(line, key)) return null;
  if (line.signature.length !== TIME_SIZE + SIGNATURE_SIZE) return null;
  const seconds = Buffer.from(line.signature).readBigUInt64BE(0);
  if (seconds > LAST_SECOND) return null;
  const message = cosignedText(noteText, seconds);
  const isRight = isSignature(key.publicKey, message, line.signature.subarray(TIME_SIZE));
  return isRight ? { at: new Date(Number(seconds) * 1000) } : null;
}

/** The bytes that a cosigner signs. */
function cosignedText(noteText: string, seconds: bigint): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${noteText}`);
}
