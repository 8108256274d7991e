// Which witnesses have cosigned a stored checkpoint. Whoever writes to the database can put any line there: a name shows
// nothing, and a false line would keep a witness from being asked.
import { verifyCosignature } from './cosignature.ts';
import { isOf, type NoteSignature, parseNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A checkpoint's note without cosignatures, and the lines that are stored with it. */
export type CosignedNote<Line extends StoredLine = StoredLine> = Readonly<{
  note: string;
  cosignatures: readonly Line[];
}>;

type StoredLine = Readonly<{ name: string; line: string }>;

/** When a witness signed the note, as its line says; null where this is not one line that its key made over it. */
export function cosignedAt(note: string, { name, line }: StoredLine, key: VerifierKey): Date | null {
  const read = name === key.name ? readLine(note, line) : null;
  return read && (verifyCosignature(read.text, read.signature, key)?.at ?? null);
}

function readLine(note: string, line: string): Readonly<{ text: string; signature: NoteSignature }> | null {
  // Of several lines only the last would be checked.
  const cosigned = line.includes('\n') ? null : parseNote(`${note}${line}\n`);
  const signature = cosigned?.signatures.at(-1);
  return cosigned && signature ? { text: cosigned.text, signature } : null;
}

/** When a witness last signed the checkpoint, by what it says in its lines; null where its key made none of them. */
export function lastCosignedAt({ note, cosignatures }: CosignedNote, key: VerifierKey): Date | null {
  const times = cosignatures.flatMap((line) => cosignedAt(note, line, key) ?? []);
  return times.sort((a, b) => b.getTime() - a.getTime())[0] ?? null;
}

/**
 * The lines under a witness's name, by whether its key signed this checkpoint in them. Those of another key are left out: a witness
 * that has changed its key made them, and a reader who has this one passes over them.
 */
export function sortCosignatures<Line extends StoredLine>(
  { note, cosignatures }: CosignedNote<Line>,
  key: VerifierKey,
): Readonly<{ valid: readonly Line[]; invalid: readonly Line[] }> {
  const lines = cosignatures.filter(({ name, line }) => name === key.name && !isByOtherKey(note, line, key));
  const valid = lines.filter((line) => cosignedAt(note, line, key) !== null);
  return { valid, invalid: lines.filter((line) => !valid.includes(line)) };
}

function isByOtherKey(note: string, line: string, key: VerifierKey): boolean {
  const signature = readLine(note, line)?.signature;
  return signature?.name === key.name && !isOf(signature, key);
}

/** Whether nothing is to be asked of a witness: its key signed the checkpoint, and no false line stands beside that. */
export function isCosignedBy(checkpoint: CosignedNote, key: VerifierKey): boolean {
  const { valid, invalid } = sortCosignatures(checkpoint, key);
  return valid.length > 0 && invalid.length === 0;
}
