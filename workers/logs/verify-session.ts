// The kernel: turns a session's id into evidence. Every statement about a log is made here. A verification begins and
// concludes in one thread, which reads rows and segments. The ranges of a long log are walked in between on all
// threads.
import type { Db } from 'mongodb';
import { type AuditKey, type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';
import { checkRecord } from '../../shared/audit/check-record.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { nameFault } from '../../shared/audit/name-fault.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { createSegmentReader, readStoredEntries } from '../../shared/log-store/segment-reader.ts';
import { logRecordOf, type Session } from '../../shared/sessions/session.ts';
import { createStopFlag, isStopped, type StopFlag } from '../threads/stop-flag.ts';
import { withEntry, withStoredEntry } from './failed-entry.ts';
import type {
  BeginOutcome,
  ConcludeTask,
  SessionEvidence,
  VerifyOrder,
  VerifyTask,
  WalkPlan,
} from './log-tasks.ts';
import { createRowReader, type RowReader } from './row-reader.ts';
import { planWalk, RANGE_SIZE, rangeTask } from './walk-plan.ts';
import { RANGE_BATCH, readBatch, type WalkDeps, walkRange } from './walk-range.ts';
import { walkRest } from './walk-rest.ts';

export type VerifyDeps = WalkDeps & Readonly<{ rows: RowReader }>;

export function createVerifyDeps(db: Db, keys: readonly AuditKeyBytes[]): VerifyDeps {
  return { reader: createSegmentReader(db), keyring: createKeyring(keys), rows: createRowReader(db) };
}

/**
 * Verifies a log of at most one range, as most are, completely. Its first segments are read beside its row. Of a longer
 * log only these segments are walked; the rest is left to further tasks. Calls `onFound` with the session before the
 * walk.
 */
export async function beginVerify(
  { rows, ...walk }: VerifyDeps,
  { order, stop }: VerifyTask,
  onFound?: (session: Session) => void,
): Promise<BeginOutcome> {
  const reading = rows.find(order);
  const first = readBatch(walk.reader, order, 0);
  const row = await reading;
  if (!row) return { kind: 'no_session' };
  const { found, reportedAnchors } = row;
  const concluded = (verdict: LogVerdict) => ({ kind: 'concluded', found, verdict }) as const;

  const record = logRecordOf(found.session, [...reportedAnchors, ...order.anchors]);
  const damaged = checkRecord(record);
  if (damaged) return concluded(damaged);
  const { key, verdict: withoutKey } = walk.keyring.find({ ...record, ...record.log });
  if (!key) return concluded(withoutKey);
  onFound?.(found.session);

  const plan = planWalk(record, order);
  if (plan.expected >= RANGE_SIZE) {
    const task = rangeTask(plan, 0, stop, RANGE_BATCH * SEGMENT_SIZE);
    const outcome = await walkRange(walk, task, first);
    return { kind: 'begun', found, plan, range: outcome.kind === 'walked' ? outcome.range : null };
  }
  const outcome = await walkRange(walk, rangeTask(plan, 0, stop), first);
  if (outcome.kind === 'walked') {
    if (outcome.more) return { kind: 'begun', found, plan, range: outcome.range };
    const verdict = judgeWalk([outcome.range], plan.record, key);
    if (verdict.status === 'verified') return concluded(verdict);
  }
  // The segments were read beside the row and may be older: the log is read again before it is called failed.
  return concluded(await walkWhole(walk, plan, key, stop));
}

/** The verdict on a log from its walked ranges. Without them the log is walked from the start, to name its fault. */
export async function concludeVerify(
  deps: WalkDeps,
  { plan, ranges, stop }: ConcludeTask,
): Promise<LogVerdict> {
  const { key, verdict } = deps.keyring.find({ ...plan.record, ...plan.record.log });
  if (!key) return verdict;
  if (ranges) return await withStoredEntry(deps.reader, plan.record, judgeWalk(ranges, plan.record, key));
  return await walkWhole(deps, plan, key, stop);
}

/** Verifies a log of any length in this thread, for commands. Null where the account has no such session. */
export async function verifyHere(
  deps: VerifyDeps,
  order: VerifyOrder,
  stop = createStopFlag(),
): Promise<SessionEvidence | null> {
  const begun = await beginVerify(deps, { order, stop });
  if (begun.kind === 'no_session') return null;
  const { found } = begun;
  if (begun.kind === 'concluded') return { found, verdict: begun.verdict };
  const ranges = await walkRest(begun, stop, (task) => walkRange(deps, task), { lanes: 1 });
  return { found, verdict: await concludeVerify(deps, { plan: begun.plan, ranges, stop }) };
}

/** Walks a log in order, with no assumption on its segments, and names the first fault. */
async function walkWhole(
  { reader }: WalkDeps,
  { record, until, listed }: WalkPlan,
  key: AuditKey,
  stop: StopFlag,
): Promise<LogVerdict> {
  const stored = () =>
    readStoredEntries(reader, record.accountId, record.sessionId, () => {
      if (isStopped(stop)) throw new Error('The walk was stopped');
    });
  const walker = new LogWalker(record, key.hasher, {
    snapshotSizes: recordedSizes(record),
    listedLimit: listed,
  });
  for await (const { bytes, begin, end } of stored()) {
    if (walker.end === until) break;
    const fault = walker.step(bytes, begin, end);
    if (!fault) continue;
    // Copied, since naming the fault reads on.
    const entry = Uint8Array.from(bytes.subarray(begin, end));
    return withEntry(await nameFault(fault, stored), entry);
  }
  return await withStoredEntry(reader, record, judgeWalk([walker.finish()], record, key));
}
