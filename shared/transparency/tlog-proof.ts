// Proofs that an entry is in a log, c2sp.org/tlog-proof, to be checked without the log.
import { HASH_SIZE } from '../merkle/hash.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { decodeBase64, encodeBase64, readDecimal } from './exact-text.ts';
import { parseNote } from './note.ts';

/** A proof. Nothing of it is verified. */
export type TlogProof = Readonly<{
  /** What the proof's user needs besides. Nothing vouches for it. Null for none. */
  extra: Uint8Array | null;
  /** Of the entry in the log. */
  index: number;
  /** The inclusion proof, the leaf's sibling first; 32 bytes each. */
  hashes: readonly Uint8Array[];
  /** The whole signed note. */
  checkpoint: string;
}>;

const HEADER = 'c2sp.org/tlog-proof@v1';
const EXTRA = 'extra ';
const INDEX = 'index ';

/** No tree of 64-bit sizes has a longer inclusion proof. */
const HASHES_AT_MOST = 63;
/** Those of the header, extra data, the index and the hashes, and one more to tell a longer text by. */
const LINES = 3 + HASHES_AT_MOST + 1;

/** The text of a proof, as `parseTlogProof` reads it. */
export function formatTlogProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [
    HEADER,
    ...(extra === null ? [] : [EXTRA + encodeBase64(extra)]),
    `${INDEX}${index}`,
    ...hashes.map(encodeBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads a proof strictly; null for a text that is none. Its checkpoint must be a signed note with a checkpoint's text.
 * Whether the proof holds is not checked: take the leaf's hash to `verifyInclusion`, the checkpoint to `isSignedBy`.
 */
export function parseTlogProof(text: string): TlogProof | null {
  const end = text.indexOf('\n\n');
  const [header, ...lines] = text.slice(0, Math.max(0, end)).split('\n', LINES);
  const extraText = lines[0]?.startsWith(EXTRA) ? lines.shift()?.slice(EXTRA.length) : undefined;
  const indexLine = lines.shift();
  if (header !== HEADER || !indexLine?.startsWith(INDEX) || lines.length > HASHES_AT_MOST) return null;
  const extra = extraText === undefined ? null : decodeBase64(extraText);
  const index = readDecimal(indexLine.slice(INDEX.length));
  if (index === null || (extraText !== undefined && extra === null)) return null;
  const hashes = lines.map(decodeBase64);
  const checkpoint = text.slice(end + 2);
  const note = parseNote(checkpoint);
  if (note === null || parseCheckpoint(note.text) === null) return null;
  return hashes.every(isHash) ? { extra, index, hashes, checkpoint } : null;
}

function isHash(bytes: Uint8Array | null): bytes is Uint8Array {
  return bytes?.length === HASH_SIZE;
}
