// Appending to a session's log, by any number of writers at once. The last segment is the head: a batch goes in by one
// compare-and-swap on it, so there is no fork, no gap, and nothing half written. The session's row follows behind.
//
// A library for services that write sessions in process; the API's routes for writing call it, too.
import type { AuditKey, Keyring } from '../audit/audit-keys.ts';
import type { WalkedLog } from '../audit/log-walker.ts';
import { type FailedLog, failed, type UnverifiableLog } from '../audit/verdict.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import type { LogTail } from '../log-store/segment-row.ts';
import type { Freshness } from '../mongo/evidence.ts';
import { asStoreFailure } from '../mongo/store-failure.ts';
import { Patience, TRY_ON_MS, tryOn } from '../mongo/try-on.ts';
import type { Session } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import { countNames, NAMES_LIMIT } from './count-names.ts';
import {
  type AppendedEvent,
  type EventDraft,
  type IdentifiedEvent,
  identify,
  type SignedBatch,
  signEntries,
} from './draft.ts';
import { EventPlaces, type KeptPlaces } from './event-places.ts';
import {
  checkTail,
  findTail,
  findTailOfShort,
  isSameTail,
  lastSegmentAt,
  READ_TRIES,
  sizeAt,
} from './log-tail.ts';
import { catchUp, raiseRow } from './raise-row.ts';
import { findWritable, findWritingKey } from './writable-row.ts';
import { roomAfter, writeBatch } from './write-batch.ts';

/** The dependencies of a log's writer: segments, session rows and the audit keys. */
export type LogWriterDeps = Readonly<{
  audit: SegmentRepository;
  sessions: SessionRepository;
  keyring: Keyring;
  /** Milliseconds to try on while the database is away: 20,000 by default, which outlasts an election. */
  tryOnMs?: number;
  /** For a process that appends events under ids of their callers: it then reads a log once, and not once a batch. */
  places?: KeptPlaces;
}>;

/** How an append ended. A failed or unverifiable log takes no more events. */
export type AppendResult =
  /** `eventIds` are those of the drafts, in their order. Size and head are the log's after the last of them. */
  | Readonly<{
      status: 'appended';
      eventIds: readonly string[];
      /** How many of them stood in the log before, with the same content. */
      alreadyThere: number;
      size: number;
      headHashHex: string;
    }>
  /** The log is closed; `eventIds` are those that are in it. */
  | Readonly<{ status: 'closed'; eventIds: readonly string[] }>
  /** The log has the id of a draft with other content; `position` is the draft's. No draft was appended. */
  | Readonly<{ status: 'conflict'; position: number }>
  /** The log would have more distinct names of kinds or passes than a session's row can count. No draft was appended. */
  | Readonly<{ status: 'too_many_names' }>
  | Readonly<{ status: 'no_session' }>
  | FailedLog
  | UnverifiableLog;

/**
 * Appends events in order, in one batch where they fit into the last segment and several where they do not. Events are
 * acknowledged once a majority of the database's members has them on disk. The last entry is checked first: a tail that
 * is not as its key signed it, at a second look too, is returned as a failed log, and nothing is appended; so is a log that
 * is shorter than `places` has known it.
 * An event of the caller's own `event_id` goes in once, however often it is sent: the whole log is searched for its id.
 * When a reply is lost, what a majority has is searched for the events before they are tried again. An append tries on
 * for 20 s, so that it outlasts an election. The drafts' own ids must differ.
 *
 * One event takes three round trips: the row and the tail at once, the swap, the row again. A log of more than three
 * segments takes one more for its tail; the event that fills a segment takes one more, for what it packs, and the event
 * that begins one, for the tail that is packed. Each further segment takes one more, and ids of the caller's own take one
 * for each segment of the log that is not in `places`.
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
  readonly #eventIds: readonly string[];
  readonly #patience: Patience;
  /** Those that are not known to be in the log, in their order. */
  #pending: readonly IdentifiedEvent[];
  readonly #appended: AppendedEvent[] = [];
  /** Those whose write had an unknown end. */
  readonly #tried = new Set<string>();
  readonly #found = new Set<string>();
  /** How often the tail was found before the end of what was known when it was read. */
  #shorter = 0;
  /** Null while no event can be in the log: none came with its id, and no write had an unknown end. */
  #places: EventPlaces | null;

  constructor(deps: LogWriterDeps, accountId: string, sessionId: string, drafts: readonly EventDraft[]) {
    this.#deps = deps;
    this.#accountId = accountId;
    this.#sessionId = sessionId;
    this.#pending = drafts.map(identify);
    this.#eventIds = this.#pending.map(({ eventId }) => eventId);
    this.#patience = new Patience(deps.tryOnMs ?? TRY_ON_MS);
    const mayBeStored = drafts.some((draft) => draft.event_id !== undefined);
    this.#places = mayBeStored ? (deps.places?.(accountId, sessionId) ?? new EventPlaces()) : null;
  }

  /** Appends what is not appended yet. */
  run(): Promise<AppendResult> {
    return tryOn(() => this.#attempt(), this.#patience);
  }

  async #attempt(): Promise<AppendResult> {
    const promised = this.#promised();
    const [found, tailBeside] = await Promise.all([
      findWritable(this.#deps, this.#accountId, this.#sessionId),
      findTailOfShort(this.#deps.audit, this.#accountId, this.#sessionId, this.#fresh()),
    ]);
    if (found.status !== 'found') return found;
    const { session } = found;
    const { key, verdict } = await findWritingKey(this.#deps, session);
    if (!key) return verdict;
    if (countNames(session, this.#pending) > NAMES_LIMIT) return { status: 'too_many_names' };
    const ended = await this.#write(session, key, tailBeside && { tail: tailBeside, promised });
    if (!('index' in ended)) return ended;
    try {
      await this.#raise(session, sizeAt(ended));
    } catch (error) {
      // The events are in: whoever appends or closes next brings the row up to them.
      if (!asStoreFailure(error)) throw error;
    }
    return {
      status: 'appended',
      eventIds: this.#eventIds,
      alreadyThere: this.#found.difference(this.#tried).size,
      size: sizeAt(ended),
      headHashHex: ended.headHashHex,
    };
  }

  /** Writes batch after batch. `known` is the tail where it was read already. The tail once all events are in. */
  async #write(session: Session, key: AuditKey, known: ReadTail | null): Promise<AppendResult | LogTail> {
    const log: WalkedLog = { agentId: session.agentId, sessionId: this.#sessionId };
    let from = lastSegmentAt(session.log.size);
    let failedOn: LogTail | null = null;
    for (;;) {
      const mayBeOld = known !== null;
      const { tail, promised }: ReadTail = known ?? (await this.#findTail(from));
      known = null;
      const fault = checkTail(log, key, tail, session.log.size);
      // A tail that is older than the row may lack entries that the row has recorded.
      if (fault && mayBeOld) continue;
      // A sealed log takes no more, whatever its tail looks like: a walk names what is wrong with it.
      if (fault) return session.log.seal === null ? fault : this.#closed();
      // Searches after the tail was read: an event that comes in later makes the swap on that tail fail.
      const stopped = await this.#search(sizeAt(tail), promised);
      if (stopped === 'again') continue;
      if (stopped) return stopped;
      if (this.#pending.length === 0) return tail;
      if (tail.closed || session.log.seal !== null) return this.#closed();
      // The swap failed on this very tail: a majority still has to catch up with the primary.
      if (failedOn && isSameTail(failedOn, tail)) await this.#patience.behind();
      from = Math.max(0, tail.index);
      const signed = signEntries(
        log,
        key,
        sizeAt(tail),
        tail.headHashHex,
        this.#pending.slice(0, roomAfter(tail)),
      );
      const after = await this.#swap(tail, signed);
      if (after && this.#pending.length === 0) return after;
      if (after) known = { tail: after, promised: sizeAt(after) };
      else failedOn = tail;
    }
  }

  async #swap(tail: LogTail, signed: SignedBatch): Promise<LogTail | null> {
    const size = sizeAt(tail);
    let after: LogTail | null;
    try {
      after = await writeBatch(this.#deps.audit, this.#accountId, this.#sessionId, tail, signed);
    } catch (error) {
      this.#places ??= new EventPlaces(size);
      for (const { id } of signed.appended) this.#tried.add(id);
      throw error;
    }
    if (!after) return null;
    this.#appended.push(...signed.appended);
    this.#pending = this.#pending.slice(signed.appended.length);
    this.#places?.add(size, signed.texts);
    this.#patience.progress();
    return after;
  }

  /**
   * Takes out the events that are in the log, as far as `size`. `again`: the tail has to be read again. Null unless one of
   * the events stops the append, or the log lacks what it held when the tail was read: entries that were acknowledged, or
   * answered as stored, and that somebody removed or an older copy does not have.
   */
  async #search(size: number, promised: number): Promise<AppendResult | 'again' | null> {
    const { audit } = this.#deps;
    const places = this.#places;
    if (!places) return null;
    const log = [this.#accountId, this.#sessionId] as const;
    if (size < promised) {
      // Right after an election, what is read may be older.
      this.#shorter += 1;
      if (this.#shorter >= READ_TRIES) return failed('truncated', size, String(promised), String(size));
      await this.#patience.behind();
      return 'again';
    }
    // Another writer was faster than the tail was read.
    if (size < places.end) return 'again';
    for (let tries = 1; !(await places.readTo(audit, ...log, size)); tries += 1) {
      // Right after an election, what is read may be older than the tail. Later on, a segment is gone.
      if (tries === READ_TRIES) return failed('gap', places.end, null, null);
      await this.#patience.behind();
    }
    const placed = await places.compare(audit, ...log, this.#pending);
    const conflict = this.#pending[placed.indexOf('conflict')];
    if (conflict) return { status: 'conflict', position: this.#eventIds.indexOf(conflict.eventId) };
    for (const [i, { eventId }] of this.#pending.entries())
      if (placed[i] === 'there') this.#found.add(eventId);
    this.#pending = this.#pending.filter((_, i) => placed[i] === 'absent');
    return null;
  }

  /** Brings the row up to the log. What another write may have put in is read: its place is not known here. */
  async #raise(session: Session, size: number): Promise<void> {
    if (this.#appended.length > 0) await raiseRow(this.#deps, session, this.#appended);
    if (this.#found.size > 0) await catchUp(this.#deps, this.#accountId, this.#sessionId, size);
  }

  /** A search sees what a majority has, so it needs a tail no newer than that: on an older one, the swap fails. */
  #fresh(): Freshness {
    return this.#places ? 'durable' : 'latest';
  }

  async #findTail(from: number): Promise<ReadTail> {
    const promised = this.#promised();
    const { audit } = this.#deps;
    return { tail: await findTail(audit, this.#accountId, this.#sessionId, from, this.#fresh()), promised };
  }

  /** Entries that the log has, as this process knows: a tail that is read from now on is no shorter. */
  #promised(): number {
    return this.#places?.end ?? 0;
  }

  #closed(): AppendResult {
    const missing = new Set(this.#pending.map(({ eventId }) => eventId));
    return { status: 'closed', eventIds: this.#eventIds.filter((eventId) => !missing.has(eventId)) };
  }
}

/** A tail, and how many entries the log was known to have before it was read. */
type ReadTail = Readonly<{ tail: LogTail; promised: number }>;
