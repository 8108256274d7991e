// Closing a log: no entry comes after it, and a seal fixes its size, its root and whose it is.
//
// A library for the services that write sessions. In this repository only the demo, the benchmark and tests call it.
import type { AuditKey } from '../audit/audit-keys.ts';
import { checkRecord } from '../audit/check-record.ts';
import { judgeWalk } from '../audit/judge.ts';
import { recordedSizes } from '../audit/log-record.ts';
import { LogWalker, type WalkedLog } from '../audit/log-walker.ts';
import { nameFault } from '../audit/name-fault.ts';
import { computeSeal } from '../audit/seal.ts';
import type { FailedLog, UnverifiableLog } from '../audit/verdict.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import { readStoredEntries, type SegmentReader } from '../log-store/segment-reader.ts';
import type { LogTail, SegmentRepository } from '../log-store/segment-repository.ts';
import { Patience, TRY_ON_MS, tryOn } from '../mongo/try-on.ts';
import { aggregateOf, logRecordOf, type Session, type SessionStatus } from '../sessions/session.ts';
import { assertRecordable } from '../time/parse-time.ts';
import type { LogWriterDeps } from './append.ts';
import { checkTail, findTail, isSameTail, lastSegmentAt } from './log-tail.ts';

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
 * Safe to run again after being killed between any two writes, and beside other closers and appenders. Tries on for 20 s
 * while the database is away, then rejects with the driver's error.
 * Rejects with a RangeError, before anything is written, for an end that is no time that `assertRecordable` accepts.
 */
export async function closeLog(
  deps: CloseDeps,
  accountId: string,
  sessionId: string,
  facts: CloseFacts,
): Promise<CloseResult> {
  assertRecordable('endedAt', facts.endedAt);
  const patience = new Patience(deps.tryOnMs ?? TRY_ON_MS);
  const tried: SealTried = { seal: null };
  const attempt = () => tryClose(deps, patience, accountId, sessionId, facts, tried);
  const result = await tryOn(attempt, patience);
  // Right after an election, the row may be newer than the segments that were read after it.
  return result.status === 'failed' ? await tryOn(attempt, patience) : result;
}

type CloseDeps = LogWriterDeps & Readonly<{ reader: SegmentReader }>;

/** The seal whose write may have gone in although its reply was lost, and its log. */
type SealTried = { seal: Readonly<{ text: string; size: number; rootHex: string }> | null };

async function tryClose(
  deps: CloseDeps,
  patience: Patience,
  accountId: string,
  sessionId: string,
  facts: CloseFacts,
  tried: SealTried,
): Promise<CloseResult> {
  const session = await deps.sessions.find(accountId, sessionId);
  if (!session) return { status: 'no_session' };
  const record = logRecordOf(session);
  const damaged = checkRecord(record);
  if (damaged) return damaged;
  if (session.log.seal !== null) {
    const { seal: ours } = tried;
    return ours?.text === session.log.seal ? sealed(ours) : { status: 'already_sealed' };
  }
  const { key, verdict: withoutKey } = deps.keyring.find({ ...session, ...session.log });
  if (!key) return withoutKey;

  const log = { agentId: session.agentId, sessionId };
  const broken = await closeTail(deps.audit, patience, accountId, log, key, session.log.size);
  if (broken) return broken;
  const stored = () => readStoredEntries(deps.reader, accountId, sessionId);
  const walker = new LogWalker(log, key.hasher, { snapshotSizes: recordedSizes(record), listedLimit: 0 });
  for await (const { bytes, begin, end } of stored()) {
    const fault = walker.step(bytes, begin, end);
    if (fault) return nameFault(fault, stored);
  }
  const verdict = judgeWalk([walker.finish()], record, key);
  if (verdict.status !== 'verified') return verdict;
  const { size, headHashHex, rootHex } = verdict;
  const { agentId, startedAt, policySha256Hex } = session;
  const { endedAt, status, stageDurationsMs } = facts;
  const seal = computeSeal(key.sealKey, {
    accountId,
    agentId,
    sessionId,
    startedAt,
    endedAt,
    status,
    policySha256Hex,
    keyId: key.id,
    size,
    headHashHex,
    rootHex,
  });
  tried.seal = { text: seal, size, rootHex };
  const recorded = await deps.sessions.recordClose(accountId, sessionId, {
    endedAt,
    status,
    stageDurationsMs,
    log: { ...session.log, size, headHashHex, seal },
    aggregate: aggregateOf(verdict.counts, size),
    merkleRootHex: rootHex,
  });
  return recorded ? sealed(tried.seal) : { status: 'already_sealed' };
}

function sealed({ size, rootHex }: NonNullable<SealTried['seal']>): CloseResult {
  return { status: 'sealed', size, rootHex };
}

/** Closes the last segment: every later append fails its swap, or finds the next segment's place taken. */
async function closeTail(
  audit: SegmentRepository,
  patience: Patience,
  accountId: string,
  log: WalkedLog,
  key: AuditKey,
  recordedSize: number,
): Promise<FailedLog | null> {
  for (let failedOn: LogTail | null = null; ; ) {
    const from = lastSegmentAt(recordedSize);
    // A tail that is closed on the primary alone may be open again after an election.
    const tail = await findTail(audit, accountId, log.sessionId, from, 'durable');
    const fault = checkTail(log, key, tail, recordedSize);
    if (fault || tail.closed) return fault;
    // The swap failed on this very tail: a majority still has to catch up with the primary.
    if (failedOn && isSameTail(failedOn, tail)) await patience.behind();
    const closed =
      tail.count < SEGMENT_SIZE
        ? await audit.closeTail(accountId, log.sessionId, tail)
        : await audit.insertSegment(accountId, log.sessionId, tail.index + 1, [], tail.headHashHex, true);
    if (closed) return null;
    failedOn = tail;
  }
}
