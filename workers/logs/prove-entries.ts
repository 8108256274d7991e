// Makes the proof that entries stand in a log as it was when it closed. It is a proof about the tree alone: the caller
// compares the root with the one that the account log states.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { readStoredEntries, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { HASH_SIZE, writeLeafHash } from '../../shared/merkle/hash.ts';
import { inclusionRanges, stretchRanges } from '../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../shared/merkle/prove.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';

/** Which entries of a log's first `size` to prove: the one at an index, or those of `[from, to)`. */
export type ProveOrder = Readonly<{
  log: LogRef;
  size: number;
  wanted: Readonly<{ kind: 'one'; index: number }> | Readonly<{ kind: 'stretch'; from: number; to: number }>;
}>;

export type ProveTask = ProveOrder & Readonly<{ stop: StopFlag }>;

/** `rootHex` is of the first `size` entries; the proof is an inclusion proof of one entry, or the multiproof of many. */
export type ProvenEntries =
  | Readonly<{ kind: 'proven'; entries: readonly string[]; hashes: readonly Uint8Array[]; rootHex: string }>
  /** The log has fewer entries. */
  | Readonly<{ kind: 'short' }>
  /** No verifier would read so many: only the first `fits` of them. */
  | Readonly<{ kind: 'long'; fits: number }>;

/** Bytes of entries in a proof: a verifier reads 40 MiB of JSON (VERIFY.md), the rest of a proof included. */
const ENTRIES_LIMIT = 39 * 1024 * 1024;

/** Reads the whole log, and holds 32 bytes of each entry. */
export async function proveEntries(
  { reader }: Readonly<{ reader: SegmentReader }>,
  { log, size, wanted, stop }: ProveTask,
): Promise<ProvenEntries> {
  const [from, to] = wanted.kind === 'one' ? [wanted.index, wanted.index + 1] : [wanted.from, wanted.to];
  const leaves = Buffer.allocUnsafe(size * HASH_SIZE);
  const entries: string[] = [];
  const look = () => {
    if (isStopped(stop)) throw new Error('The proof was stopped');
  };
  let [seq, room] = [0, ENTRIES_LIMIT];
  for await (const { bytes, begin, end } of readStoredEntries(reader, log.accountId, log.sessionId, look)) {
    if (seq === size) break;
    writeLeafHash(bytes, begin, end, leaves, seq * HASH_SIZE);
    if (seq >= from && seq < to) {
      const text = bytes.toString('utf8', begin, end);
      room -= Buffer.byteLength(JSON.stringify(text)) + 1;
      if (room < 0) return { kind: 'long', fits: entries.length };
      entries.push(text);
    }
    seq += 1;
  }
  if (seq < size) return { kind: 'short' };
  const ranges = wanted.kind === 'one' ? inclusionRanges(from, size) : stretchRanges(from, to, size);
  const [root, ...hashes] = proveFrom([{ begin: 0, end: size }, ...ranges], (begin, end) =>
    leaves.subarray(begin * HASH_SIZE, end * HASH_SIZE),
  );
  return { kind: 'proven', entries, hashes, rootHex: Buffer.from(root as Uint8Array).toString('hex') };
}
