// Appending to a session's log, by any number of writers at once. The last segment is the head: a batch goes in by one
// compare-and-swap on it, so there is no fork, no gap, and nothing half written. The session's row follows behind.
//
// A library for the services that write sessions. In this repository only the demo, the benchmark and tests call it.
import type { AuditKey, Keyring } from '../audit/audit-keys.ts';
import { checkRecord } from '../audit/check-record.ts';
import type { WalkedLog } from '../audit/log-walker.ts';
import type { FailedLog, UnverifiableLog } from '../audit/verdict.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import type { LogTail } from '../log-store/segment-row.ts';
import type { Freshness } from '../mongo/evidence.ts';
import { asStoreFailure } from '../mongo/store-failure.ts';
import { Patience, TRY_ON_MS, tryOn } from '../mongo/try-on.ts';
import { logRecordOf, type Session } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import { type AppendedEvent, type EventDraft, identify, type SignedBatch, signEntries } from './draft.ts';
import { findStored } from './find-stored.ts';
import { checkTail, findTail, findTailOfShort, isSameTail, lastSegmentAt, sizeAt } from './log-tail.ts';
import { raiseRow } from './raise-row.ts';

/** The dependencies of a log's writer: segments, session rows and the audit keys. */
export type LogWriterDeps = Readonly<{
  audit: SegmentRepository;
  sessions: SessionRepository;
  keyring: Keyring;
  /** Milliseconds to try on while the database is away: 20,000 by default, which outlasts an election. */
  tryOnMs?: number;
}>;

/** How an append ended. A failed or unverifiable log takes no more events. */
export type AppendResult =
  /** `eventIds` are those of the drafts, in their order. */
  | Readonly<{ status: 'appended'; eventIds: readonly string[] }>
  /** The log is closed; `eventIds` are those that went in before. */
  | Readonly<{ status: 'closed'; eventIds: readonly string[] }>
  | Readonly<{ status: 'no_session' }>
  | FailedLog
  | UnverifiableLog;

/**
 * Appends events in order, in one batch where they fit into the last segment and several where they do not. Events are
 * acknowledged once a majority of the database's members has them on disk. The last entry is checked first: a tail that
 * is not as its key signed it, at a second look too, is returned as a failed log, and nothing is appended.
 * When a reply is lost, what a majority has is searched for the events before they are tried again, so each goes in
 * exactly once. An append tries on for 20 s, so that it outlasts an election.
 *
 * One event takes three round trips: the row and the tail at once, the swap, the row again. A log of more than three
 * segments takes one more for its tail; the event that fills a segment takes one more, for what it packs, and the event
 * that begins one, for the tail that is packed. Each further segment takes one more, and so does a batch with an
 * `event_id` of the caller's own, since it may be in already: the last segment is read for it.
 * Rejects with a RangeError or a JsonError for an event that makes no valid entry, and with a store failure when the
 * database stays away: the events are stored then, or not, and may be tried again under their ids.
 */
export async function appendEvents(
  deps: LogWriterDeps,
  accountId: string,
  sessionId: string,
  drafts: readonly EventDraft[],
): Promise<AppendResult> {
  const appending = new Appending(deps, accountId, sessionId, drafts);
  const result = await appending.run();
  // Right after an election, the row may be newer than the segments that were read beside it.
  return result.status === 'failed' ? await appending.run() : result;
}

class Appending {
  readonly #deps: LogWriterDeps;
  readonly #accountId: string;
  readonly #sessionId: string;
  readonly #events: ReturnType<typeof identify>[];
  readonly #eventIds: readonly string[];
  readonly #patience: Patience;
  readonly #appended: AppendedEvent[] = [];
  /** An event that came with its id may be tried for the second time, or by two writers at once. */
  #mayBeStored: boolean;
  /** The first position where the next events may stand; null for the last segment that the row knows. */
  #searchFrom: number | null = null;

  constructor(deps: LogWriterDeps, accountId: string, sessionId: string, drafts: readonly EventDraft[]) {
    this.#deps = deps;
    this.#accountId = accountId;
    this.#sessionId = sessionId;
    this.#events = drafts.map(identify);
    this.#eventIds = this.#events.map(({ eventId }) => eventId);
    this.#patience = new Patience(deps.tryOnMs ?? TRY_ON_MS);
    this.#mayBeStored = drafts.some((draft) => draft.event_id !== undefined);
  }

  /** Appends what is not appended yet. */
  run(): Promise<AppendResult> {
    return tryOn(() => this.#attempt(), this.#patience);
  }

  async #attempt(): Promise<AppendResult> {
    const { sessions, audit, keyring } = this.#deps;
    const [session, tailBeside] = await Promise.all([
      sessions.find(this.#accountId, this.#sessionId),
      findTailOfShort(audit, this.#accountId, this.#sessionId, this.#fresh()),
    ]);
    if (!session) return { status: 'no_session' };
    const damaged = checkRecord(logRecordOf(session));
    if (damaged) return damaged;
    if (session.log.seal !== null) return this.#closed();
    const { key, verdict } = keyring.find({ ...session, ...session.log });
    if (!key) return verdict;
    const stopped = await this.#write(session, key, tailBeside);
    if (stopped) return stopped;
    try {
      await raiseRow(this.#deps, session, this.#appended);
    } catch (error) {
      // The events are in: whoever appends or closes next brings the row up to them.
      if (!asStoreFailure(error)) throw error;
    }
    return { status: 'appended', eventIds: this.#eventIds };
  }

  /** Writes batch after batch. `known` is the tail where it was read already. Null when all events are in. */
  async #write(session: Session, key: AuditKey, known: LogTail | null): Promise<AppendResult | null> {
    const log: WalkedLog = { agentId: session.agentId, sessionId: this.#sessionId };
    let from = lastSegmentAt(session.log.size);
    let failedOn: LogTail | null = null;
    while (this.#appended.length < this.#events.length) {
      const mayBeOld = known !== null;
      const tail = known ?? (await this.#findTail(from));
      known = null;
      const fault = checkTail(log, key, tail, session.log.size);
      if (this.#mayBeStored) {
        // Searches after the tail was read: an event that comes in later makes the swap on that tail fail.
        const isFound = await this.#search(this.#searchFrom ?? from * SEGMENT_SIZE, fault ? null : tail);
        if (isFound) continue;
      }
      // A tail that is older than the row may lack entries that the row has recorded.
      if (fault && mayBeOld) continue;
      if (fault) return fault;
      if (tail.closed) return this.#closed();
      // The swap failed on this very tail: a majority still has to catch up with the primary.
      if (failedOn && isSameTail(failedOn, tail)) await this.#patience.behind();
      from = Math.max(0, tail.index);
      const batch = this.#events.slice(this.#appended.length, this.#appended.length + roomAfter(tail));
      const signed = signEntries(log, key, sizeAt(tail), tail.headHashHex, batch);
      known = await this.#swap(tail, signed);
      if (!known) failedOn = tail;
    }
    return null;
  }

  async #swap(tail: LogTail, signed: SignedBatch): Promise<LogTail | null> {
    let after: LogTail | null;
    try {
      after = await write(this.#deps.audit, this.#accountId, this.#sessionId, tail, signed);
    } catch (error) {
      this.#mayBeStored = true;
      this.#searchFrom ??= sizeAt(tail);
      throw error;
    }
    if (after) this.#take(signed.appended);
    return after;
  }

  /**
   * Looks for the next events in what a majority has, from a position on. True where the tail has to be read again: some
   * events were found, or this read saw fewer entries than the one of the tail. `tail` is null where it is damaged.
   */
  async #search(position: number, tail: LogTail | null): Promise<boolean> {
    const missing = this.#eventIds.slice(this.#appended.length);
    const { found, end } = await findStored(
      this.#deps.audit,
      this.#accountId,
      this.#sessionId,
      tail ? Math.min(position, sizeAt(tail)) : position,
      missing,
    );
    if (found.length > 0) {
      this.#appended.push(...found);
      return true;
    }
    if (!tail || end >= sizeAt(tail)) return false;
    await this.#patience.behind();
    return true;
  }

  #take(appended: readonly AppendedEvent[]): void {
    this.#appended.push(...appended);
    // The events after these were never tried.
    this.#mayBeStored = false;
    this.#searchFrom = null;
    this.#patience.progress();
  }

  /** A search sees what a majority has, so it needs a tail no newer than that: on an older one, the swap fails. */
  #fresh(): Freshness {
    return this.#mayBeStored ? 'durable' : 'latest';
  }

  #findTail(from: number): Promise<LogTail> {
    return findTail(this.#deps.audit, this.#accountId, this.#sessionId, from, this.#fresh());
  }

  #closed(): AppendResult {
    return { status: 'closed', eventIds: this.#eventIds.slice(0, this.#appended.length) };
  }
}

/**
 * Writes a batch behind the tail, by one compare-and-swap. Returns the tail after it; null where it was another by
 * then.
 */
async function write(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  tail: LogTail,
  { texts, headHashHex }: SignedBatch,
): Promise<LogTail | null> {
  const after = {
    headHashHex,
    closed: false,
    closing: null,
    lastEntry: texts.at(-1) ?? null,
    damaged: null,
  };
  if (tail.count < SEGMENT_SIZE) {
    const extended = await audit.extendTail(accountId, sessionId, tail, texts, headHashHex);
    return extended ? { ...after, index: tail.index, count: tail.count + texts.length } : null;
  }
  const index = tail.index + 1;
  const inserted = await audit.insertSegment(accountId, sessionId, index, texts, headHashHex);
  return inserted ? { ...after, index, count: texts.length } : null;
}

function roomAfter(tail: LogTail): number {
  return tail.count < SEGMENT_SIZE ? SEGMENT_SIZE - tail.count : SEGMENT_SIZE;
}
