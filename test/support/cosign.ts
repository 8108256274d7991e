// A witness's cosignature, c2sp.org/tlog-cosignature, for tests.
import { formatNote, type NoteSignature } from '../../shared/transparency/note.ts';
import type { Signer } from '../../shared/transparency/signer.ts';
import { verifierKeyOf } from '../../shared/transparency/verifier-key.ts';

/** The signature line of a witness on a checkpoint, the note's text. Fractions of a second are cut off. */
export async function cosign(
  noteText: string,
  name: string,
  signer: Signer,
  at: Date,
): Promise<NoteSignature> {
  const seconds = Math.floor(at.getTime() / 1000);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = await signer.sign(Buffer.from(`cosignature/v1\ntime ${seconds}\n${noteText}`));
  const { keyIdHex } = verifierKeyOf(name, signer.publicKey, 'cosignature');
  return { name, keyIdHex, signature: new Uint8Array(Buffer.concat([time, signature])) };
}

/** The same as the line that is stored, without its end. */
export async function cosignatureLine(
  noteText: string,
  name: string,
  signer: Signer,
  at: Date,
): Promise<string> {
  const signatures = [await cosign(noteText, name, signer, at)];
  return formatNote({ text: noteText, signatures }).slice(noteText.length + 1, -1);
}
