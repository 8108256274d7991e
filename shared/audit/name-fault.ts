// Names the fault that a walk stopped at. Only an entry with an unexpected `seq` needs a look at the rest of the log.
import { readEntry } from './entry.ts';
import type { WalkFault } from './log-walker.ts';
import { type FailedLog, failed, type LogFault } from './verdict.ts';

/** A stored entry, `bytes[begin, end)`, as it was read: nothing about it is checked. */
export type StoredEntry = Readonly<{ bytes: Buffer; begin: number; end: number }>;

/** Returns the log's stored entries in order, from the first, at each call. */
export type StoredEntries = () => AsyncIterable<StoredEntry> | Iterable<StoredEntry>;

/**
 * The verdict for a fault at position `fault.seq`. Requires that all entries before it are in place. For a `sequence`
 * fault, reads the log again in constant memory. An entry seen before is a `duplicate` (same bytes) or a `fork` (same
 * `prev_hash`, other bytes). Otherwise the log is `reordered` if the expected entry comes later, else it has a `gap`.
 * Rejects with the error of the reading.
 */
export async function nameFault(fault: WalkFault, entries: StoredEntries): Promise<FailedLog> {
  const name = fault.fault === 'sequence' ? await nameSequenceFault(fault, entries) : fault.fault;
  return failed(name, fault.seq, fault.expected, fault.calculated);
}

async function nameSequenceFault({ seq, entry }: WalkFault, entries: StoredEntries): Promise<LogFault> {
  if (!entry) throw new TypeError('A sequence fault names the entry it found');
  let position = 0;
  let found: Uint8Array | null = null;
  let earlier: Uint8Array | null = null;
  let expectedComesLater = false;
  for await (const { bytes, begin, end } of entries()) {
    const text = bytes.subarray(begin, end);
    // Entries before the fault stand where their `seq` says.
    if (position === entry.seq && position < seq) earlier = Uint8Array.from(text);
    if (position === seq) found = Uint8Array.from(text);
    if (position > seq && readEntry(text)?.seq === seq) {
      expectedComesLater = true;
      break;
    }
    position += 1;
  }
  if (earlier && found) {
    if (Buffer.compare(earlier, found) === 0) return 'duplicate';
    if (readEntry(earlier)?.prevHashHex === entry.prevHashHex) return 'fork';
  }
  return expectedComesLater ? 'reordered' : 'gap';
}
