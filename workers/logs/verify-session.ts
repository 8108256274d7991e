// The kernel: turns a session's id into evidence. Every statement about a log is made here. A verification begins and
// concludes in one thread, which reads rows and segments. The ranges of a long log are walked in between on all
// threads.
import type { Db } from 'mongodb';
import { type AuditKey, type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';
import { checkRecord } from '../../shared/audit/check-record.ts';
import { isFirstEntry } from '../../shared/audit/first-entry.ts';
import { judgeUnknownKey, judgeWalk } from '../../shared/audit/judge.ts';
import { type LogRecord, type LogRef, recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { nameFault } from '../../shared/audit/name-fault.ts';
import {
  damagedRow,
  type FailedLog,
  type LogVerdict,
  type UnverifiableLog,
} from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import { weighAnchors } from '../../shared/audit/weigh-anchors.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { createSegmentReader, readStoredEntries } from '../../shared/log-store/segment-reader.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import {
  logRecordOf,
  type RecordedSession,
  type Session,
  type SessionSnapshot,
} from '../../shared/sessions/session.ts';
import { createStopFlag, isStopped, type StopFlag } from '../threads/stop-flag.ts';
import { createPolicyDoubter, type PolicyDoubter } from './doubt-policy.ts';
import { withEntry, withStoredEntry } from './failed-entry.ts';
import { heedDamage } from './heed-damage.ts';
import type {
  BeginOutcome,
  Concluded,
  ConcludeTask,
  SessionEvidence,
  VerifyOrder,
  VerifyTask,
  WalkPlan,
} from './log-tasks.ts';
import { createRowReader, type ReadOptions, type RecordedRow, type RowReader } from './row-reader.ts';
import { planWalk, RANGE_SIZE, rangeTask } from './walk-plan.ts';
import { RANGE_BATCH, readBatch, type WalkDeps, walkRange } from './walk-range.ts';
import { walkRest } from './walk-rest.ts';

export type VerifyDeps<Row extends RecordedSession = Session> = WalkDeps &
  Readonly<{ rows: RowReader<Row>; doubter: PolicyDoubter }>;

/** `logs`: null where there are no account logs. */
export function createVerifyDeps(db: Db, keys: readonly AuditKeyBytes[], logs: AccountLogs | null = null) {
  return {
    reader: createSegmentReader(db),
    keyring: createKeyring(keys),
    rows: createRowReader(db, logs),
    doubter: createPolicyDoubter(db),
  } as const;
}

/**
 * Verifies a log of at most one range, as most are, completely. Its first segments are read beside its row. Of a longer
 * log only these segments are walked; the rest is left to further tasks. `reads`: how the row is read first; `onFound` is
 * called again where it is read again.
 */
export async function beginVerify<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  task: VerifyTask,
  reads: ReadOptions<Row> = {},
): Promise<BeginOutcome<Row>> {
  const outcome = await begin(deps, task, reads);
  return outcome.kind === 'concluded' ? await heedDamage(deps, outcome) : outcome;
}

async function begin<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  { order, stop }: VerifyTask,
  reads: ReadOptions<Row>,
): Promise<BeginOutcome<Row>> {
  const { onFound } = reads;
  const reading = deps.rows.find(order, reads);
  const first = readBatch(deps.reader, order, 0);
  const opened = await openRecord(deps, order, reading, onFound);
  if (!opened) return { kind: 'no_session' };
  const { found, record, key, verdict: known } = opened;
  if (!key) return { kind: 'concluded', found, verdict: known };

  const plan = planWalk(record, order);
  if (plan.expected >= RANGE_SIZE) {
    const task = rangeTask(plan, 0, stop, RANGE_BATCH * SEGMENT_SIZE);
    const outcome = await walkRange(deps, task, first);
    return { kind: 'begun', found, plan, range: outcome.kind === 'walked' ? outcome.range : null };
  }
  const outcome = await walkRange(deps, rangeTask(plan, 0, stop), first);
  if (outcome.kind === 'walked') {
    if (outcome.more) return { kind: 'begun', found, plan, range: outcome.range };
    const verdict = judgeWalk([outcome.range], plan.record, key);
    if (verdict.status === 'verified') return { kind: 'concluded', found, verdict };
    return await verifyAgain(deps, order, stop, { plan, ranges: [outcome.range] }, onFound);
  }
  return await verifyAgain(deps, order, stop, null, onFound);
}

/** The verdict on a log from its walked ranges. Without them the log is walked from the start, to name its fault. */
export async function concludeVerify<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  task: ConcludeTask<Row>,
): Promise<Concluded<Row>> {
  return await heedDamage(deps, await conclude(deps, task));
}

async function conclude<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  { order, found, plan, ranges, stop }: ConcludeTask<Row>,
): Promise<Concluded<Row>> {
  const { key } = deps.keyring.find({ ...plan.record, ...plan.record.log });
  if (key && ranges) {
    const verdict = judgeWalk(ranges, plan.record, key);
    if (verdict.status === 'verified') return { kind: 'concluded', found, verdict };
  }
  return await verifyAgain(deps, order, stop, ranges && { plan, ranges });
}

/** What is recorded of a log, and its key; or the verdict that needs no walk: the record fails, or no key can check it. */
type OpenedRecord<Row extends RecordedSession> = Readonly<{
  found: SessionSnapshot<Row>;
  record: LogRecord;
}> &
  (
    | Readonly<{ key: AuditKey; verdict: null }>
    | Readonly<{ key: null; verdict: FailedLog | UnverifiableLog }>
  );

/** Opens the record of a log. Reads a record that fails by itself again. Null where the account has no such session. */
export async function openRecord<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  order: LogRef & Pick<VerifyOrder, 'anchors'>,
  reading: ReturnType<RowReader<Row>['find']> = deps.rows.find(order),
  onFound?: (session: Row) => void,
): Promise<OpenedRecord<Row> | null> {
  const { rows, keyring } = deps;
  const open = (row: RecordedRow<Row>): OpenedRecord<Row> => {
    const { found, anchors } = row;
    const record = weighAnchors(logRecordOf(found.session, [...anchors, ...order.anchors]));
    const verdict = found.damage?.isRecorded ? damagedRow(found.damage.field) : checkRecord(record);
    if (verdict) return { found, record, key: null, verdict };
    return { found, record, ...keyring.find({ ...record, ...record.log }) };
  };
  const row = await reading;
  if (!row) return null;
  const opened = open(row);
  if (opened.key) return opened;
  const again = await rows.find(order, { isWeighed: true, onFound });
  return again && (await doubtKey(deps, open(again)));
}

/**
 * No key can check the log, by its row. Where the account log's signed entry names another key, somebody changed the row.
 * So did somebody where a key of the row's id is configured, its check value is not the row's, and the log's first entry
 * bears that key's HMAC.
 */
async function doubtKey<Row extends RecordedSession>(
  { keyring, reader }: VerifyDeps<Row>,
  opened: OpenedRecord<Row>,
): Promise<OpenedRecord<Row>> {
  const { record, verdict, found } = opened;
  if (verdict?.status !== 'unverifiable' || verdict.reason !== 'unknown_key') return opened;
  const contradicted = judgeUnknownKey(record);
  if (contradicted) return { found, record, key: null, verdict: contradicted };
  const key = keyring.named(verdict.keyId);
  if (!key) return opened;
  for await (const { bytes, begin, end } of readStoredEntries(reader, record.accountId, record.sessionId)) {
    const isOurs = isFirstEntry(record, key, bytes.subarray(begin, end));
    return isOurs ? { found, record, key: null, verdict: damagedRow('log.key_check') } : opened;
  }
  return opened;
}

/** A log that was walked, and whose verdict was that it failed. */
type Walked = Readonly<{ plan: WalkPlan; ranges: readonly WalkedRange[] }>;

/**
 * Verifies a log from row, ledger and segments that are read again, before the log is called failed: those that were read
 * first may be of different moments, since they were read beside each other, and another primary may have answered. Only
 * now the anchors are weighed, which takes signatures. Where the entries were walked before, and nothing but the weight of
 * an anchor is new, they are not walked again: a false row must not make every walk of a long log take twice as long.
 */
async function verifyAgain<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  order: VerifyOrder,
  stop: StopFlag,
  walked: Walked | null,
  onFound?: (session: Row) => void,
): Promise<Concluded<Row>> {
  const reading = deps.rows.find(order, { isWeighed: true, onFound });
  const opened = await openRecord(deps, order, reading, onFound);
  if (!opened) return { kind: 'no_session' };
  const { found, record, key, verdict } = opened;
  if (!key) return { kind: 'concluded', found, verdict };
  const plan = planWalk(record, order);
  const weighed = walked && judgeAgain(walked, plan, key);
  if (weighed?.status === 'verified') return { kind: 'concluded', found, verdict: weighed };
  return { kind: 'concluded', found, verdict: await walkWhole(deps, plan, key, stop) };
}

/** The verdict by another record of the same log; null where the walk took no snapshot at a size that it names. */
function judgeAgain({ plan, ranges }: Walked, { record }: WalkPlan, key: AuditKey): LogVerdict | null {
  const taken = new Set(recordedSizes(plan.record));
  const isSame = record.log.keyId === plan.record.log.keyId;
  return isSame && recordedSizes(record).every((size) => taken.has(size))
    ? judgeWalk(ranges, record, key)
    : null;
}

/** Verifies a log of any length in this thread, for commands. Null where the account has no such session. */
export async function verifyHere<Row extends RecordedSession>(
  deps: VerifyDeps<Row>,
  order: VerifyOrder,
  stop = createStopFlag(),
): Promise<SessionEvidence<Row> | null> {
  const begun = await beginVerify(deps, { order, stop });
  if (begun.kind === 'no_session') return null;
  if (begun.kind === 'concluded') return { found: begun.found, verdict: begun.verdict };
  const ranges = await walkRest(begun, stop, (task) => walkRange(deps, task), { lanes: 1 });
  return evidenceOf(await concludeVerify(deps, { ...begun, order, ranges, stop }));
}

/** Null where the session is gone. */
export function evidenceOf<Row extends RecordedSession>(
  concluded: Concluded<Row>,
): SessionEvidence<Row> | null {
  return concluded.kind === 'no_session' ? null : { found: concluded.found, verdict: concluded.verdict };
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
