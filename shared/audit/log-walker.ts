// Walks a stretch of one session's log in order: checks every entry, link and HMAC, hashes leaves into a compact
// range, counts. Holds no entry longer than the step that checks it, so memory does not grow with the log.
import { CompactRange } from '../merkle/compact-range.ts';
import { HASH_SIZE, writeLeafHash } from '../merkle/hash.ts';
import {
  foldLeaves,
  LANES_ROOM,
  LEAVES_AT,
  OUTER_AT,
  type Sha256Lanes,
  sha256Lanes,
} from '../merkle/sha256-lanes.ts';
import { type ChainHasher, ENTRY_LIMIT, sameDigits, spellsDigest, ZERO_HASH_HEX } from './chain.ts';
import { checkRun, type Run } from './check-run.ts';
import { type Entry, REDACTION, REHYDRATION_FAILED, readEntry, unsignedText } from './entry.ts';
import { TimeTrack } from './entry-times.ts';
import { NameInterner } from './name-interner.ts';
import { createEntryScanner, emptyScan, type ScannedEntry } from './scan-entry.ts';
import { LISTED_LIMIT, Tally } from './tally.ts';
import type { ListedEvent } from './verdict.ts';
import type { Snapshot, WalkedRange } from './walked-range.ts';

/** Whose log is walked: every entry must name this agent and this session. */
export type WalkedLog = Readonly<{ agentId: string; sessionId: string }>;

/** The first fault of a walk. `sequence` stands for a fault that only the rest of the log names (`name-fault.ts`). */
export type WalkFault = Readonly<{
  fault: 'malformed' | 'foreign' | 'sequence' | 'altered';
  /** The position, which is the `seq` that was expected. */
  seq: number;
  /** The entry found there; null if it is malformed. */
  entry: Entry | null;
  expected: string | null;
  calculated: string | null;
}>;

/** Where a walk begins, and what it keeps besides the counts. */
export type WalkOptions = Readonly<{
  /** Position of the stretch's first entry. */
  begin?: number;
  /** Log sizes within the stretch at which to take a snapshot, ascending. */
  snapshotSizes?: readonly number[];
  /** How many entries to list one by one, from the log's first; 1,000 by default. */
  listedLimit?: number;
}>;

/** Entry `i` is `bytes[begins[i], ends[i])`. */
type StoredEntries = Readonly<{ bytes: Buffer; begins: readonly number[]; ends: readonly number[] }>;

/** Scratch memory that all walks of a thread share: its contents live for one call only. */
const SCANNED = Array.from({ length: LANES_ROOM }, emptyScan);

/** One walk over one stretch of a log. It is fed entries in order and ends at the first fault. */
export class LogWalker {
  readonly #log: WalkedLog;
  readonly #hasher: ChainHasher;
  readonly #scan: ReturnType<typeof createEntryScanner>;
  readonly #range: CompactRange;
  readonly #names = new NameInterner();
  readonly #tally = new Tally();
  readonly #snapshotSizes: readonly number[];
  readonly #listedLimit: number;
  readonly #snapshots: Snapshot[] = [];
  // `this_hash` of the last entry. A range within the log first takes it, unverified, from its first entry's
  // `prev_hash`; the judge compares that with the end of the range before.
  readonly #head = Buffer.alloc(32);
  readonly #digest = Buffer.alloc(32);
  /** Offset of the head's digits in the bytes of this call, or -1. Digits compare faster with them than with a hash. */
  #headTextAt = -1;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #prevHashHex = ZERO_HASH_HEX;
  readonly #times = new TimeTrack();

  constructor(log: WalkedLog, hasher: ChainHasher, options: WalkOptions = {}) {
    const { begin = 0, snapshotSizes = [], listedLimit = LISTED_LIMIT } = options;
    this.#log = log;
    this.#listedLimit = listedLimit;
    this.#hasher = hasher;
    this.#scan = createEntryScanner(log.agentId, log.sessionId);
    this.#range = new CompactRange(begin);
    this.#snapshotSizes = snapshotSizes;
    this.#snapshot();
  }

  /** The next entry's position. */
  get end(): number {
    return this.#range.end;
  }

  get #isEmpty(): boolean {
    return this.end === this.#range.begin;
  }

  /** Takes the next stored entry, `bytes[begin, end)`. Returns its fault, or null. After a fault the walk is over. */
  step(bytes: Buffer, begin: number, end: number): WalkFault | null {
    return this.stepAll(bytes, [begin], [end]);
  }

  /**
   * Takes the next stored entries; entry `i` is `bytes[begins[i], ends[i])`. Scans a batch of them, then hashes it:
   * each step runs a sixth faster than when scans and hashes alternate.
   */
  stepAll(bytes: Buffer, begins: readonly number[], ends: readonly number[]): WalkFault | null {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let fault: WalkFault | null = null;
    for (let first = 0; first < begins.length && !fault; first += LANES_ROOM) {
      const after = Math.min(first + LANES_ROOM, begins.length);
      for (let i = first; i < after; i += 1) {
        const found = SCANNED[i - first] as ScannedEntry;
        this.#scan(bytes, begins[i] as number, ends[i] as number, found);
      }
      fault = this.#takeScanned({ bytes, begins, ends }, first, after);
    }
    // The next call has other bytes.
    this.#headTextAt = -1;
    return fault;
  }

  /** Takes the entries `[first, after)`, of which `SCANNED` holds the scans. */
  #takeScanned(stored: StoredEntries, first: number, after: number): WalkFault | null {
    for (let at = first; at < after; ) {
      const from = at - first;
      const count = this.#countUsual(stored, at, after - at, from);
      const run = { ...stored, view: this.#view, at, scanned: SCANNED, from, count };
      if (count > 0 && this.#takeRun(run)) {
        at += count;
        continue;
      }
      for (const next = at + Math.max(1, count); at < next; at += 1) {
        const fault = this.#takeRead(stored.bytes, stored.begins[at] as number, stored.ends[at] as number);
        if (fault) return fault;
      }
    }
    return null;
  }

  /** Counts the next entries that `#takeRun` may take: in place, scanned with a yes, up to `limit` or a snapshot. */
  #countUsual({ begins, ends }: StoredEntries, at: number, limit: number, from: number): number {
    const nextSnapshot = this.#snapshotSizes.find((size) => size > this.end) ?? Number.POSITIVE_INFINITY;
    const most = Math.min(limit, nextSnapshot - this.end);
    let count = 0;
    for (; count < most; count += 1) {
      const { isUsual, seq } = SCANNED[from + count] as ScannedEntry;
      const size = (ends[at + count] as number) - (begins[at + count] as number);
      if (!isUsual || seq !== this.end + count || size > ENTRY_LIMIT) break;
    }
    return count;
  }

  /** The walked stretch as plain data. An empty one has the hashes of an empty log. */
  finish(): WalkedRange {
    return {
      begin: this.#range.begin,
      end: this.end,
      prevHashHex: this.#prevHashHex,
      headHashHex: this.#head.toString('hex'),
      range: this.#range.peaks(),
      snapshots: this.#snapshots,
      counts: this.#tally.counts(),
      events: this.#tally.events,
      rehydrationFailures: this.#tally.rehydrationFailures,
      policyReloads: this.#tally.policyReloads,
      times: this.#times.times(),
    };
  }

  /** The quick check of entries whose scan said yes. If one fails, returns false and takes none of them. */
  #takeRun(run: Run): boolean {
    const { bytes, scanned, from, count } = run;
    const first = scanned[from] as ScannedEntry;
    const last = scanned[from + count - 1] as ScannedEntry;
    const isFirst = this.#isEmpty;
    // As in `#takeRead`. A character that is no hex digit ends the write, and then `#spellsHead` finds a difference.
    if (isFirst && first.seq > 0) this.#head.write(text(bytes, first.prevHashAt, HASH_LENGTH), 'hex');
    if (!this.#spellsHead(first.prevHashAt)) return false;
    const lanes = sha256Lanes();
    if (!checkRun(lanes, this.#hasher, run)) return false;
    if (isFirst) this.#prevHashHex = text(bytes, first.prevHashAt, HASH_LENGTH);
    const lastHashAt = OUTER_AT + (count - 1) * HASH_SIZE;
    lanes.memory.copy(this.#head, 0, lastHashAt, lastHashAt + HASH_SIZE);
    this.#headTextAt = last.thisHashAt;
    this.#appendLeaves(lanes, count);
    for (let i = from; i < from + count; i += 1) this.#countScanned(bytes, scanned[i] as ScannedEntry);
    this.#snapshot();
    return true;
  }

  #appendLeaves(lanes: Sha256Lanes, count: number): void {
    for (const { index, count: hashes, width } of foldLeaves(lanes, this.end, count)) {
      this.#range.appendSubtrees(lanes.memory, LEAVES_AT + index * HASH_SIZE, hashes, width);
    }
  }

  #countScanned(bytes: Buffer, found: ScannedEntry): void {
    const { seq } = found;
    this.#times.add(this.#view, found.tsAt, seq);
    const entityKind = this.#names.intern(bytes, found.entityKindBegin, found.entityKindEnd);
    const pass = found.isRedaction ? this.#names.intern(bytes, found.passBegin, found.passEnd) : null;
    if (pass !== null && seq >= this.#listedLimit) {
      this.#tally.addRedaction(entityKind, pass);
    } else {
      const id = text(bytes, found.eventIdAt, EVENT_ID_LENGTH);
      const kind = found.isRedaction ? REDACTION : REHYDRATION_FAILED;
      const ts = text(bytes, found.tsAt, TS_LENGTH);
      this.#count({ id, seq, ts, kind, pass, entityKind });
    }
  }

  #spellsHead(at: number): boolean {
    return this.#headTextAt < 0
      ? spellsDigest(this.#view, at, this.#head)
      : sameDigits(this.#view, at, this.#headTextAt);
  }

  /** The full check of one entry, which names the fault. */
  #takeRead(bytes: Buffer, begin: number, end: number): WalkFault | null {
    const seq = this.end;
    const entry = readEntry(bytes.subarray(begin, end));
    if (!entry) return { fault: 'malformed', seq, entry, expected: null, calculated: null };
    if (entry.sessionId !== this.#log.sessionId || entry.agentId !== this.#log.agentId) {
      const [expected, calculated] =
        entry.sessionId === this.#log.sessionId
          ? [this.#log.agentId, entry.agentId]
          : [this.#log.sessionId, entry.sessionId];
      return { fault: 'foreign', seq, entry, expected, calculated };
    }
    if (entry.seq !== seq) {
      return { fault: 'sequence', seq, entry, expected: String(seq), calculated: String(entry.seq) };
    }
    const isFirst = this.#isEmpty;
    if (isFirst && seq > 0) this.#head.write(entry.prevHashHex, 'hex');
    const headHashHex = this.#head.toString('hex');
    if (entry.prevHashHex !== headHashHex) {
      return { fault: 'altered', seq, entry, expected: headHashHex, calculated: entry.prevHashHex };
    }
    const unsigned = Buffer.from(unsignedText(entry.members));
    this.#hasher.begin(this.#head);
    this.#hasher.add(unsigned, 0, unsigned.length);
    this.#hasher.finish(this.#digest);
    if (this.#digest.toString('hex') !== entry.thisHashHex) {
      // The computed HMAC is never shown: it would let an attacker sign the altered entry.
      return { fault: 'altered', seq, entry, expected: null, calculated: null };
    }
    if (isFirst) this.#prevHashHex = entry.prevHashHex;
    this.#advance(entry);
    writeLeafHash(bytes, begin, end, this.#range.slab, this.#range.nextOffset);
    this.#range.commitLeaf();
    this.#snapshot();
    return null;
  }

  #advance(entry: Entry): void {
    this.#head.set(this.#digest);
    this.#headTextAt = -1;
    this.#times.addText(entry.ts, entry.seq);
    const { eventId: id, seq, ts, kind, pass, entityKind } = entry;
    this.#count({ id, seq, ts, kind, pass, entityKind });
  }

  #count(event: ListedEvent): void {
    this.#tally.add(event);
    if (event.seq < this.#listedLimit) this.#tally.events.push(event);
  }

  #snapshot(): void {
    while (this.#snapshotSizes[this.#snapshots.length] === this.end) {
      this.#snapshots.push({
        size: this.end,
        headHashHex: this.#head.toString('hex'),
        range: this.#range.peaks(),
      });
    }
  }
}

function text(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('latin1', at, at + length);
}

const HASH_LENGTH = 64;
const EVENT_ID_LENGTH = 'evt_'.length + 26;
const TS_LENGTH = '2026-01-01T00:00:00.000Z'.length;
