// The tasks that end in a report's JSON: what the log was found to be and what else is stored, composed in a thread.
import { checkRecord } from '../../shared/audit/check-record.ts';
import { newId } from '../../shared/audit/ids.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import { logRecordOf } from '../../shared/sessions/session.ts';
import { lastRangeOf, RANGE_SIZE, rangeTask } from '../logs/ranges.ts';
import { readBatch, type WalkDeps, walkRange } from '../logs/walk-tasks.ts';
import type { FactGatherer, GatheredFacts } from './gather-facts.ts';
import type { ReportTask, ReportTaskOutcome, ShortReportOutcome, ShortReportTask } from './tasks.ts';

export type ReportDeps = WalkDeps & Readonly<{ gather: FactGatherer }>;

/** The report on a log that was walked. */
export async function makeReport({ gather }: ReportDeps, task: ReportTask): Promise<ReportTaskOutcome> {
  return compose(task, await gather.facts(task.session));
}

/**
 * The first task of every report, and of most the only one: the whole report on a log that one range holds, whose
 * segments are asked for before the session is known. Every other log, and one that is not plainly well, is left to a
 * walk.
 */
export async function makeShortReport(
  { gather, ...walk }: ReportDeps,
  { order, stop }: ShortReportTask,
): Promise<ShortReportOutcome> {
  const found = gather.records(order.accountId, order.sessionId);
  const first = readBatch(walk.reader, order, 0, RANGE_SIZE / SEGMENT_SIZE);
  const records = await found;
  if (!records) return { kind: 'no_session' };
  const { session, lastReported } = records;
  const toWalk = { kind: 'to_walk', session, lastReported } as const;
  const record = logRecordOf(session, lastReported ? [lastReported] : []);
  if (checkRecord(record) || lastRangeOf(record) > 0) return toWalk;
  const key = walk.keyring.find(session.log.keyId, session.log.keyCheck);
  if (!key) return toWalk;
  const [walked, facts] = await Promise.all([
    walkRange(walk, rangeTask(record, 0, stop), first),
    gather.facts(session),
  ]);
  if (walked.kind !== 'walked' || walked.more) return toWalk;
  const verdict = judgeWalk([walked.range], record, key);
  if (verdict.status !== 'verified') return toWalk;
  return compose({ session, baaChainText: order.baaChainText, verdict }, facts);
}

function compose(task: ReportTask, { policy, ...gathered }: GatheredFacts): ReportTaskOutcome {
  if (!policy) return { kind: 'refused', problem: NO_POLICY };
  // Not before the log was read: a report is no older than what it holds.
  const made = { id: newId('report'), generatedAt: new Date() };
  const composed = composeReport({ ...task, ...gathered, ...made, policy });
  if (!composed.ok) return { kind: 'refused', problem: composed.problem };
  // Bytes that own their memory: a pooled Buffer cannot be handed over.
  const json = new TextEncoder().encode(composed.json);
  const { rootHex, size } = task.verdict;
  const { startedAt: since, endedAt: until } = task.session;
  return {
    kind: 'made',
    report: { ...made, rootHex, size, since, until, json, jsonSha256Hex: composed.sha256Hex },
  };
}

const NO_POLICY =
  'The policy in force during the session is not stored. Import it with its account, then try again';
