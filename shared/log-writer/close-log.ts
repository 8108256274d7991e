// Closing a log: no entry comes after it, and a seal fixes its size, its root and whose it is.
//
// A library for services that write sessions in process; the API's routes for writing call it, too.
import type { AuditKey } from '../audit/audit-keys.ts';
import { computeClosingMark } from '../audit/closing.ts';
import { judgeWalk } from '../audit/judge.ts';
import { type LogRecord, recordedSizes } from '../audit/log-record.ts';
import { LogWalker, type WalkedLog } from '../audit/log-walker.ts';
import { nameFault } from '../audit/name-fault.ts';
import { computeSeal, sealMatches } from '../audit/seal.ts';
import {
  type FailedLog,
  failed,
  type LogVerdict,
  type UnverifiableLog,
  type VerifiedLog,
} from '../audit/verdict.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import { readStoredEntries, type SegmentReader } from '../log-store/segment-reader.ts';
import type { Closing, LogTail } from '../log-store/segment-row.ts';
import { Patience, TRY_ON_MS, tryOn } from '../mongo/try-on.ts';
import { aggregateOf, type Session, type SessionStatus } from '../sessions/session.ts';
import { assertRecordable } from '../time/parse-time.ts';
import type { LogWriterDeps } from './append.ts';
import { checkTail, findTail, isSameTail, lastSegmentAt, READ_TRIES, sizeAt } from './log-tail.ts';
import { findWritable, findWritingKey } from './writable-row.ts';

/** The end of a session, as its writer states it. */
export type CloseFacts = Readonly<{
  /** Recorded as it is, also before the start: a clock that was wrong must not keep a log from its seal. */
  endedAt: Date;
  status: SessionStatus;
  stageDurationsMs?: Session['stageDurationsMs'];
}>;

/** How a close ended. A failed log is closed and never sealed. */
export type CloseResult =
  | Readonly<{ status: 'sealed'; size: number; rootHex: string }>
  /** Another closer was first; its facts stand. */
  | Readonly<{ status: 'already_sealed' }>
  | Readonly<{ status: 'no_session' }>
  | FailedLog
  | UnverifiableLog;

/**
 * Closes a session's log, walks it from end to end, and seals what the walk found. A log that failed is never sealed.
 * Where an earlier close of the same log was interrupted, the end that it stated stands. Safe to run again after being
 * killed between any two writes, and beside other closers and appenders. Tries on for 20 s while the database is away,
 * then rejects with the driver's error. Rejects with a RangeError, before anything is written, for an end that is no
 * time that `assertRecordable` accepts.
 */
export async function closeLog(
  deps: CloseDeps,
  accountId: string,
  sessionId: string,
  facts: CloseFacts,
): Promise<CloseResult> {
  assertRecordable('endedAt', facts.endedAt);
  const result = await new Closer(deps, accountId, sessionId, facts).run();
  if (result.status === 'not_closed') throw new TypeError('A close with facts closes the log');
  return result;
}

/**
 * Seals a log that a close left without its seal, by the end that this close stated. `not_closed` where no close was
 * interrupted: the log grows, or nothing that a key holder signed says how it ended. Otherwise as `closeLog`.
 */
export async function sealClosedLog(
  deps: CloseDeps,
  accountId: string,
  sessionId: string,
): Promise<CloseResult | Readonly<{ status: 'not_closed' }>> {
  return await new Closer(deps, accountId, sessionId, null).run();
}

/** The dependencies of a close. */
export type CloseDeps = LogWriterDeps & Readonly<{ reader: SegmentReader }>;

type Attempt = CloseResult | Readonly<{ status: 'not_closed' }>;

class Closer {
  readonly #deps: CloseDeps;
  readonly #accountId: string;
  readonly #sessionId: string;
  /** Null to go on with a close that was interrupted, and to begin none. */
  readonly #facts: CloseFacts | null;
  readonly #patience: Patience;
  /** The seal whose write may have gone in although its reply was lost, and its log. */
  #tried: Readonly<{ seal: string; size: number; rootHex: string }> | null = null;

  constructor(deps: CloseDeps, accountId: string, sessionId: string, facts: CloseFacts | null) {
    this.#deps = deps;
    this.#accountId = accountId;
    this.#sessionId = sessionId;
    this.#facts = facts;
    this.#patience = new Patience(deps.tryOnMs ?? TRY_ON_MS);
  }

  async run(): Promise<Attempt> {
    const result = await tryOn(() => this.#attempt(), this.#patience);
    // Right after an election, the row may be newer than the segments that were read after it.
    return result.status === 'failed' ? await tryOn(() => this.#attempt(), this.#patience) : result;
  }

  async #attempt(): Promise<Attempt> {
    const found = await findWritable(this.#deps, this.#accountId, this.#sessionId);
    if (found.status !== 'found') return found;
    const { session, record } = found;
    if (session.log.seal !== null) {
      return session.log.seal === this.#tried?.seal ? sealed(this.#tried) : { status: 'already_sealed' };
    }
    const { key, verdict: withoutKey } = await findWritingKey(this.#deps, session);
    if (!key) return withoutKey;

    const closed = await this.#closeTail(session, key);
    if (closed.status !== 'closed') return closed;
    const verdict = await this.#walk(session, record, key);
    if (verdict.status !== 'verified') return verdict;
    const { size, headHashHex } = verdict;
    if (closed.size !== size || closed.headHashHex !== headHashHex) {
      return failed('altered', Math.max(0, size - 1), closed.headHashHex, headHashHex);
    }
    return await this.#seal(session, key, verdict, closed.facts);
  }

  async #walk({ agentId }: Session, record: LogRecord, key: AuditKey): Promise<LogVerdict> {
    const stored = () => readStoredEntries(this.#deps.reader, this.#accountId, this.#sessionId);
    const walker = new LogWalker({ agentId, sessionId: this.#sessionId }, key.hasher, {
      snapshotSizes: recordedSizes(record),
      listedLimit: 0,
    });
    for await (const { bytes, begin, end } of stored()) {
      const fault = walker.step(bytes, begin, end);
      if (fault) return await nameFault(fault, stored);
    }
    return judgeWalk([walker.finish()], record, key);
  }

  async #seal(
    session: Session,
    key: AuditKey,
    { size, headHashHex, rootHex, counts }: VerifiedLog,
    { endedAt, status, stageDurationsMs }: CloseFacts,
  ): Promise<CloseResult> {
    const seal = computeSeal(key.sealKey, {
      ...sealedOf(session, key),
      endedAt,
      status,
      size,
      headHashHex,
      rootHex,
    });
    this.#tried = { seal, size, rootHex };
    const recorded = await this.#deps.sessions.recordClose(this.#accountId, this.#sessionId, {
      endedAt,
      status,
      stageDurationsMs,
      log: { ...session.log, size, headHashHex, seal },
      aggregate: aggregateOf(counts, size),
      merkleRootHex: rootHex,
    });
    return recorded ? sealed(this.#tried) : { status: 'already_sealed' };
  }

  /**
   * Closes the last segment: every later append fails its swap, or finds the next segment's place taken. A closed one
   * gives the end that its close stated; without a mark, or with one that the key did not make, that is only for whoever
   * knows the end.
   */
  async #closeTail(session: Session, key: AuditKey): Promise<ClosedTail | FailedLog | NotClosed> {
    const { audit } = this.#deps;
    const { agentId, log: recorded } = session;
    const log: WalkedLog = { agentId, sessionId: this.#sessionId };
    let shorter = 0;
    for (let failedOn: LogTail | null = null; ; ) {
      const from = lastSegmentAt(recorded.size);
      const promised = this.#deps.places?.(this.#accountId, this.#sessionId).end ?? 0;
      // A tail that is closed on the primary alone may be open again after an election.
      const tail = await findTail(audit, this.#accountId, this.#sessionId, from, 'durable');
      const fault = checkTail(log, key, tail, recorded.size);
      if (fault) return fault;
      if (sizeAt(tail) < promised) {
        // Entries that this process knew are gone. Right after an election, what is read may be older.
        shorter += 1;
        if (shorter >= READ_TRIES)
          return failed('truncated', sizeAt(tail), String(promised), String(sizeAt(tail)));
        await this.#patience.behind();
        continue;
      }
      const end = { status: 'closed', size: sizeAt(tail), headHashHex: tail.headHashHex } as const;
      if (tail.closed) {
        const facts = readClosing(session, key, tail) ?? this.#facts;
        return facts ? { ...end, facts } : NOT_CLOSED;
      }
      if (!this.#facts) return NOT_CLOSED;
      // The swap failed on this very tail: a majority still has to catch up with the primary.
      if (failedOn && isSameTail(failedOn, tail)) await this.#patience.behind();
      if (await this.#swap(tail, toClosing(session, key, end, this.#facts)))
        return { ...end, facts: this.#facts };
      failedOn = tail;
    }
  }

  async #swap(tail: LogTail, closing: Closing): Promise<boolean> {
    const { audit } = this.#deps;
    if (tail.count < SEGMENT_SIZE)
      return await audit.closeTail(this.#accountId, this.#sessionId, tail, closing);
    const { index, headHashHex } = tail;
    return await audit.insertSegment(this.#accountId, this.#sessionId, index + 1, [], headHashHex, closing);
  }
}

type NotClosed = Readonly<{ status: 'not_closed' }>;
type ClosedTail = Readonly<{ status: 'closed'; size: number; headHashHex: string; facts: CloseFacts }>;

const NOT_CLOSED: NotClosed = { status: 'not_closed' };

function sealed({ size, rootHex }: Readonly<{ size: number; rootHex: string }>): CloseResult {
  return { status: 'sealed', size, rootHex };
}

function sealedOf({ accountId, agentId, id, startedAt, policySha256Hex }: Session, key: AuditKey) {
  return { accountId, agentId, sessionId: id, startedAt, policySha256Hex, keyId: key.id };
}

function toClosing(
  session: Session,
  key: AuditKey,
  { size, headHashHex }: Pick<ClosedTail, 'size' | 'headHashHex'>,
  { endedAt, status, stageDurationsMs = null }: MaybeStaged,
): Closing {
  const facts = { ...sealedOf(session, key), endedAt, status, stageDurationsMs, size, headHashHex };
  return { endedAt, status, stageDurationsMs, mark: computeClosingMark(key.closingKey, facts) };
}

type MaybeStaged = Omit<CloseFacts, 'status' | 'stageDurationsMs'> &
  Readonly<{ status: string; stageDurationsMs?: Session['stageDurationsMs'] | null | undefined }>;

/** The end that the interrupted close stated; null where there is no mark of the log's key. */
function readClosing(session: Session, key: AuditKey, tail: LogTail): CloseFacts | null {
  const { closing } = tail;
  if (!closing) return null;
  const end = { size: sizeAt(tail), headHashHex: tail.headHashHex };
  if (!sealMatches(closing.mark, toClosing(session, key, end, closing).mark)) return null;
  const { endedAt, status, stageDurationsMs } = closing;
  // The mark is the key holder's word that a writer of ours stated this status.
  const facts = { endedAt, status: status as SessionStatus };
  return stageDurationsMs ? { ...facts, stageDurationsMs } : facts;
}
