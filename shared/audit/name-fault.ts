// Names the fault that a walk stopped at. Only an entry with an unexpected `seq` needs a look at the rest of the log.
import { createHash } from 'node:crypto';
import { readEntry } from './entry.ts';
import type { WalkFault } from './log-walker.ts';
import { type FailedLog, failed, type LogFault } from './verdict.ts';

/** A stored entry, `bytes[begin, end)`, as it was read: nothing about it is checked. */
export type StoredEntry = Readonly<{ bytes: Buffer; begin: number; end: number }>;

/** Returns the log's stored entries in order, from the first, at each call. */
export type StoredEntries = () => AsyncIterable<StoredEntry> | Iterable<StoredEntry>;

/**
 * The verdict for a fault at position `fault.seq`. Requires that all entries before it are in place. For a `sequence`
 * fault, reads the log again in constant memory. Rejects with the error of the reading.
 */
export async function nameFault(fault: WalkFault, entries: StoredEntries): Promise<FailedLog> {
  const namer = new FaultNamer(fault);
  if (!namer.isNamed) {
    for await (const { bytes, begin, end } of entries()) {
      namer.take(bytes.subarray(begin, end));
      if (namer.isNamed) break;
    }
  }
  return namer.verdict();
}

/**
 * Names one fault from the log's entries, which it takes in order, from the first. An entry seen before is a `duplicate`
 * (same bytes) or a `fork` (same `prev_hash`, other bytes). Otherwise the log is `reordered` if the expected entry comes
 * later, else it has a `gap`. Keeps a digest and no entry, so that a bundle with many such logs takes little memory.
 */
export class FaultNamer {
  readonly #fault: WalkFault;
  #position = 0;
  #earlier: Readonly<{ digest: Buffer; prevHashHex: string | undefined }> | null = null;
  #name: LogFault | null;

  constructor(fault: WalkFault) {
    if (fault.fault === 'sequence' && !fault.entry)
      throw new TypeError('A sequence fault names the entry it found');
    this.#fault = fault;
    this.#name = fault.fault === 'sequence' ? null : fault.fault;
  }

  /** Whether further entries would change nothing. */
  get isNamed(): boolean {
    return this.#name !== null;
  }

  take(text: Uint8Array): void {
    const { seq, entry } = this.#fault;
    const position = this.#position;
    this.#position += 1;
    if (this.#name !== null || !entry) return;
    // Entries before the fault stand where their `seq` says.
    if (position === entry.seq && position < seq) {
      this.#earlier = { digest: digestOf(text), prevHashHex: readEntry(text)?.prevHashHex };
    } else if (position === seq && this.#earlier) {
      const { digest, prevHashHex } = this.#earlier;
      if (digest.equals(digestOf(text))) this.#name = 'duplicate';
      else if (prevHashHex === entry.prevHashHex) this.#name = 'fork';
    } else if (position > seq && readEntry(text)?.seq === seq) {
      this.#name = 'reordered';
    }
  }

  /** After the last entry, or once the fault is named. */
  verdict(): FailedLog {
    const { seq, expected, calculated } = this.#fault;
    return failed(this.#name ?? 'gap', seq, expected, calculated);
  }
}

function digestOf(text: Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}
