// Checkpoints, c2sp.org/tlog-checkpoint: the text of the note in which a log states its size and its root.
import { HASH_SIZE } from '../merkle/hash.ts';
import { decodeBase64, encodeBase64, readDecimal } from './exact-text.ts';
import { isNoteText } from './note.ts';

/** What a log states: the root (32 bytes) of its first `size` entries. */
export type Checkpoint = Readonly<{
  /** The log's name, which is also the name of its key. */
  origin: string;
  size: number;
  root: Uint8Array;
}>;

/** Lines of a checkpoint. */
const LINES = 3;

/** The text of the note: three lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/**
 * The checkpoint that a note's text states; null for a text that is none. Refuses extension lines, too: our logs write
 * none, cosigners need not agree on them, and two texts of one checkpoint would be one too many.
 */
export function parseCheckpoint(noteText: string): Checkpoint | null {
  const [origin = '', sizeText = '', rootText = '', ...rest] = noteText.split('\n', LINES + 2);
  if (origin === '' || rest.length !== 1 || !isNoteText(noteText)) return null;
  const size = readDecimal(sizeText);
  const root = decodeBase64(rootText);
  return size !== null && root?.length === HASH_SIZE ? { origin, size, root } : null;
}
