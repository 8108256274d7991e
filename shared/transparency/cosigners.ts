// Which witnesses have cosigned a stored checkpoint. Whoever writes to the database can put any line there: a name shows
// nothing, and a false line would keep a witness from being asked.
import { verifyCosignature } from './cosignature.ts';
import { parseNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A checkpoint's note without cosignatures, and the lines that are stored with it. */
export type CosignedNote<Line extends StoredLine = StoredLine> = Readonly<{
  note: string;
  cosignatures: readonly Line[];
}>;

type StoredLine = Readonly<{ name: string; line: string }>;

/** The lines under a witness's name, by whether its key signed this checkpoint in them. */
export function sortCosignatures<Line extends StoredLine>(
  { note, cosignatures }: CosignedNote<Line>,
  key: VerifierKey,
): Readonly<{ valid: readonly Line[]; invalid: readonly Line[] }> {
  const lines = cosignatures.filter(({ name }) => name === key.name);
  const isValid = ({ line }: Line) => {
    const cosigned = parseNote(`${note}${line}\n`);
    const signature = cosigned?.signatures.at(-1);
    return !!cosigned && !!signature && verifyCosignature(cosigned.text, signature, key) !== null;
  };
  return { valid: lines.filter(isValid), invalid: lines.filter((line) => !isValid(line)) };
}

/** Whether nothing is to be asked of a witness: its key signed the checkpoint, and no false line stands beside that. */
export function isCosignedBy(checkpoint: CosignedNote, key: VerifierKey): boolean {
  const { valid, invalid } = sortCosignatures(checkpoint, key);
  return valid.length > 0 && invalid.length === 0;
}
