// The tasks that end in a report's JSON: what the log was found to be and what else is stored, composed in a thread.
import { checkRecords } from '../../shared/audit/check-records.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { SEGMENT_SIZE } from '../../shared/audit/segment.ts';
import { newId } from '../../shared/ids.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import type { FactGatherer, SessionFacts } from './gather-facts.ts';
import { lastRangeOf, RANGE_SIZE, rangeTask } from './ranges.ts';
import type { ReportTask, ReportTaskOutcome, ShortReportOutcome, ShortReportTask } from './tasks.ts';
import { readBatch, type WalkDeps, walkRange } from './walk-tasks.ts';

export type ReportDeps = WalkDeps & Readonly<{ facts: FactGatherer }>;

/** The report on a log that was walked. */
export async function makeReport({ facts }: ReportDeps, task: ReportTask): Promise<ReportTaskOutcome> {
  const { accountId, sessionId } = task.order;
  const [byIds, bySession] = await Promise.all([
    facts.byIds(accountId, sessionId),
    facts.bySession(task.session),
  ]);
  return compose(task, { ...byIds, ...bySession });
}

/**
 * The report on a log that one range holds, walk and all: most reports, which then wait for one thread once. Whatever the
 * ids tell where to find is asked for before the session is known. Every other log, and one that is not plainly well, is
 * left to a walk.
 */
export async function makeShortReport(
  deps: ReportDeps,
  { order, stop }: ShortReportTask,
): Promise<ShortReportOutcome> {
  const { accountId, sessionId } = order;
  const found = deps.facts.records(accountId, sessionId);
  const first = readBatch(deps.reader, order, 0, RANGE_SIZE / SEGMENT_SIZE);
  const byIds = deps.facts.byIds(accountId, sessionId);
  // Where it comes to nothing, nobody waits for them.
  byIds.catch(() => {});
  const records = await found;
  if (!records) return { kind: 'no_session' };
  const toWalk = { kind: 'to_walk', records } as const;
  const { session } = records;
  if (checkRecords(records) || lastRangeOf(session) > 0) return toWalk;
  const key = deps.keyring.find(session.log.keyId, session.log.keyCheck);
  if (!key) return toWalk;
  const [walked, bySession] = await Promise.all([
    walkRange(deps, rangeTask(records, 0, stop), first),
    deps.facts.bySession(session),
  ]);
  if (walked.kind !== 'walked' || walked.more) return toWalk;
  const verdict = judgeWalk([walked.range], records, key);
  if (verdict.status !== 'verified') return toWalk;
  return compose({ order, session, verdict }, { ...(await byIds), ...bySession });
}

type Gathered = Pick<ReportFacts, 'account' | 'payloads'> & SessionFacts;

function compose(
  { order, session, verdict }: ReportTask,
  { policy, ...gathered }: Gathered,
): ReportTaskOutcome {
  if (!policy) return { kind: 'refused', problem: NO_POLICY };
  // Not before the log was read: a report is no older than what it holds.
  const made = { id: newId('report'), generatedAt: new Date() };
  const { baaChainText } = order;
  const composed = composeReport({ ...gathered, ...made, session, baaChainText, policy, verdict });
  if (!composed.ok) return { kind: 'refused', problem: composed.problem };
  // Bytes that own their memory: a pooled Buffer cannot be handed over.
  const json = new TextEncoder().encode(composed.json);
  const { rootHex, size } = verdict;
  const { startedAt: since, endedAt: until } = session;
  return {
    kind: 'made',
    report: { ...made, rootHex, size, since, until, json, jsonSha256Hex: composed.sha256Hex },
  };
}

const NO_POLICY =
  'The policy in force during the session is not stored. Import it with its account, then try again';
