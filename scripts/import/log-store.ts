// Stores one checked session of a bundle: claims its id, writes segment after segment, publishes it last. Replaces no
// row before its whole log is stored and gives what the row and the ledger recorded.

import type { LogRef } from '../../shared/audit/log-record.ts';
import { explainUnverifiable } from '../../shared/audit/verdict.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import type { SegmentRepository } from '../../shared/log-store/segment-repository.ts';
import type { LogTail } from '../../shared/log-store/segment-row.ts';
import { StoreFailure } from '../../shared/mongo/store-failure.ts';
import { tryOn } from '../../shared/mongo/try-on.ts';
import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { Session, SessionPayloads } from '../../shared/sessions/session.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { SessionEvidence } from '../../workers/logs/log-tasks.ts';
import { PriorRecord } from './prior-record.ts';

export type LogStoreDeps = Readonly<{
  sessions: SessionRepository;
  audit: SegmentRepository;
  ledger: Pick<ReportLedger, 'reportedAnchors'>;
  /** Verifies a stored log, by the kernel. */
  verifySession(log: LogRef): Promise<SessionEvidence | null>;
  recordOutcome: RecordOutcome;
}>;

const CLASH = 'the stored log is not a prefix of this one: nothing was replaced';
const OTHER_END =
  'the stored session ended at another time or with another status, with the same entries: nothing was replaced';

export class LogStore {
  readonly #deps: LogStoreDeps;
  readonly #session: Session;
  readonly #payloads: SessionPayloads | null;
  /** The stored session that is extended; null for a new session. */
  readonly #stored: Session | null;
  /** What its hidden row and the reports on it record; null where there is neither, or the session is published. */
  readonly #prior: PriorRecord | null;
  #taken = 0;
  #held: string[] = [];

  private constructor(
    deps: LogStoreDeps,
    session: Session,
    payloads: SessionPayloads | null,
    { stored, prior }: Readonly<{ stored?: Session; prior?: PriorRecord }> = {},
  ) {
    this.#deps = deps;
    this.#session = session;
    this.#payloads = payloads;
    this.#stored = stored ?? null;
    this.#prior = prior ?? null;
  }

  /** Claims the session. Null if the same one is stored already; a problem, as a sentence, if it cannot be stored. */
  static async open(
    deps: LogStoreDeps,
    session: Session,
    payloads: SessionPayloads | null,
  ): Promise<LogStore | string | null> {
    const { accountId, id } = session;
    const reported = await tryOn(() => deps.ledger.reportedAnchors(accountId, id));
    // Looks before it claims: a claim would leave a hidden row behind.
    if (reported.length > 0 && !(await tryOn(() => deps.sessions.exists(accountId, id)))) {
      const clash = new PriorRecord(session, reported, session).findClash();
      if (clash !== null) return clash;
    }
    const { externalId } = session;
    const namesake =
      externalId === undefined
        ? null
        : await tryOn(() => deps.sessions.findByExternalId(accountId, externalId));
    if (namesake && namesake.id !== id)
      return `its external_id is that of ${namesake.id}: nothing was stored`;
    const claim = await tryOn(() => deps.sessions.claimImport(accountId, session, payloads));
    if (claim.status === 'external_id_taken') {
      return `its external_id is that of ${claim.sessionId}, which an import has not finished: nothing was stored`;
    }
    if (claim.status === 'foreign') return 'its id belongs to another account: nothing was stored';
    if (claim.status === 'claimed' && reported.length === 0) return new LogStore(deps, session, payloads);
    if (claim.status !== 'found') {
      const prior = new PriorRecord(claim.status === 'hidden' ? claim.session : session, reported, session);
      return prior.findClash() ?? new LogStore(deps, session, payloads, { prior });
    }
    const stored = claim.session;
    if (isSame(stored, session)) {
      // The row is the bundle's; whether its log still is, only a walk tells.
      return await new LogStore(deps, session, payloads, { stored }).#verifyStored();
    }
    if (stored.log.seal !== null)
      return 'a sealed session of this id is stored and differs: nothing was replaced';
    if (stored.agentId !== session.agentId || stored.log.keyId !== session.log.keyId) return CLASH;
    if (!isSameTime(stored.startedAt, session.startedAt) || (stored.endedAt && !session.endedAt)) {
      return 'the stored session started at another time, or has ended: nothing was replaced';
    }
    if (endsOtherwise(stored, session)) return OTHER_END;
    return new LogStore(deps, session, payloads, { stored });
  }

  get isExtension(): boolean {
    return this.#stored !== null;
  }

  get sessionId(): string {
    return this.#session.id;
  }

  /** Entries of the log. */
  get size(): number {
    return this.#session.log.size;
  }

  get isComplete(): boolean {
    return this.#taken === this.size;
  }

  /** Takes the next entry. Resolves to a problem if the log clashes with the stored one, else to null. */
  async take(text: string): Promise<string | null> {
    this.#held.push(text);
    this.#taken += 1;
    this.#prior?.take(text);
    if (this.#held.length < SEGMENT_SIZE && !this.isComplete) return null;
    const entries = this.#held;
    this.#held = [];
    const index = Math.floor((this.#taken - 1) / SEGMENT_SIZE);
    // Closed at once, the last segment of a sealed log is packed at once.
    const closed = this.isComplete && this.#session.log.seal !== null && entries.length < SEGMENT_SIZE;
    return (await tryOn(() => this.#writeSegment(index, entries, closed))) ? null : CLASH;
  }

  /** Closes a sealed log's last segment and publishes the session. Resolves to a problem, or to null on success. */
  async publish(): Promise<string | null> {
    const { accountId, id, log } = this.#session;
    const unproved = this.#prior?.findUnproved() ?? null;
    if (unproved !== null) return unproved;
    if (!(await tryOn(() => this.#endLog()))) return CLASH;
    if (this.#prior) return await this.#publishRetaken(this.#prior);
    if (this.#stored === null) {
      await tryOn(() => this.#deps.sessions.publishClaim(accountId, id));
      return null;
    }
    const problem = await this.#verifyStored();
    if (problem !== null) return `${problem}: nothing was replaced`;
    const seenRootHex = this.#stored.merkleRootHex;
    const published = await tryOn(() =>
      this.#deps.sessions.publishExtension(accountId, this.#session, this.#payloads, seenRootHex),
    );
    return published || (await this.#isPublished())
      ? null
      : `the stored log grew beyond ${log.size} entries meanwhile: nothing was replaced`;
  }

  async #publishRetaken({ rootHex }: PriorRecord): Promise<string | null> {
    const { accountId } = this.#session;
    const published = await tryOn(() =>
      this.#deps.sessions.publishRetaken(accountId, this.#session, this.#payloads, rootHex),
    );
    return published || (await this.#isPublished())
      ? null
      : 'its hidden row changed meanwhile: nothing was replaced';
  }

  /** Whether the row is this session's: the reply to its publication may have been lost. */
  async #isPublished(): Promise<boolean> {
    const { accountId, id } = this.#session;
    const stored = await this.#deps.sessions.find(accountId, id);
    return stored !== null && isSame(stored, this.#session);
  }

  /** Stores a segment, or its missing entries. False if other entries are stored there. */
  async #writeSegment(index: number, entries: readonly string[], closed: boolean): Promise<boolean> {
    const { accountId, id } = this.#session;
    const { audit } = this.#deps;
    for (;;) {
      if (await audit.insertSegment(accountId, id, index, entries, headOf(entries), closed)) return true;
      const tail = await this.#findTail(index);
      // The segment is on the primary, and no majority has it yet.
      if (!tail) throw new StoreFailure('unavailable');
      const stored = await audit.readEntries(accountId, id, index);
      if (stored.some((text, i) => text !== entries[i])) return false;
      if (stored.length === entries.length) return true;
      if (tail.index !== index || tail.closed) return false;
      if (await audit.extendTail(accountId, id, tail, entries.slice(tail.count), headOf(entries)))
        return true;
    }
  }

  /** Closes the stored log if this one is sealed. False if the stored log does not end where this one does. */
  async #endLog(): Promise<boolean> {
    const { accountId, id, log } = this.#session;
    const { audit } = this.#deps;
    const size = log.size;
    for (;;) {
      const tail = await this.#findTail(Math.max(0, Math.ceil(size / SEGMENT_SIZE) - 1));
      if ((tail ? tail.index * SEGMENT_SIZE + tail.count : 0) !== size) return false;
      if (log.seal === null) return tail?.closed !== true;
      if (tail?.closed) return true;
      const closed =
        tail && tail.count < SEGMENT_SIZE
          ? await audit.closeTail(accountId, id, tail)
          : await audit.insertSegment(accountId, id, tail ? tail.index + 1 : 0, [], log.headHashHex, true);
      if (closed) return true;
    }
  }

  /**
   * The last check before a stored session is replaced. With the added entries, its log must still give the head and
   * every anchor that were recorded before. Resolves to a problem or null.
   */
  async #verifyStored(): Promise<string | null> {
    const { accountId, id: sessionId } = this.#session;
    const evidence = await this.#deps.verifySession({ accountId, sessionId });
    if (!evidence) return 'the stored session is gone';
    const { found, verdict } = evidence;
    await this.#deps.recordOutcome(found, verdict);
    if (verdict.status === 'failed') return `the stored log failed, ${verdict.fault} at seq ${verdict.seq}`;
    if (verdict.status === 'unverifiable')
      return `the stored log is unverifiable, ${explainUnverifiable(verdict)}`;
    return null;
  }

  #findTail(fromIndex: number): Promise<LogTail | null> {
    return this.#deps.audit.findTail(this.#session.accountId, this.#session.id, fromIndex);
  }
}

function isSame(stored: Session, session: Session): boolean {
  const { log, agentId, status, policySha256Hex } = stored;
  return (
    log.size === session.log.size &&
    log.headHashHex === session.log.headHashHex &&
    log.seal === session.log.seal &&
    agentId === session.agentId &&
    status === session.status &&
    policySha256Hex === session.policySha256Hex &&
    isSameTime(stored.endedAt, session.endedAt)
  );
}

/** The end of a log is as fixed as its entries: the account log may have it. A seal, or more entries, may come later. */
function endsOtherwise(stored: Session, { endedAt, status, log }: Session): boolean {
  const isFixed = stored.endedAt !== null && log.seal === null && log.size <= stored.log.size;
  return isFixed && !(isSameTime(stored.endedAt, endedAt) && stored.status === status);
}

/** Of a stored and a given time. A row may hold anything in place of a time. */
function isSameTime(stored: unknown, given: Date | null): boolean {
  return stored instanceof Date ? stored.getTime() === given?.getTime() : (stored ?? null) === given;
}

function headOf(entries: readonly string[]): string {
  const { this_hash: head } = JSON.parse(entries.at(-1) ?? '{}') as { this_hash?: string };
  return head ?? '';
}
