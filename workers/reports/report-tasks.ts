// The tasks that end in a report's JSON: what the log was found to be and what else is stored, composed in a thread.
import { checkRecords } from '../../shared/audit/check-records.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import { newId } from '../../shared/ids.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import type { GatheredFacts, GatherFacts } from './gather-facts.ts';
import { rangeTask } from './ranges.ts';
import type { ReportOrder, ReportTask, ReportTaskOutcome, ShortReportTask } from './tasks.ts';
import { type WalkDeps, walkRange } from './walk-tasks.ts';

export type ReportDeps = WalkDeps & Readonly<{ gather: GatherFacts }>;

/** The report on a log that was walked. */
export async function makeReport({ gather }: ReportDeps, task: ReportTask): Promise<ReportTaskOutcome> {
  return compose(task, task.verdict, await gather(task.session));
}

/**
 * The report on a log that one range holds, walk and all: most reports, which then wait for one thread once. Null when
 * the log is not plainly well, or longer than it was: then a walk says what it is.
 */
export async function makeShortReport(
  deps: ReportDeps,
  { order, lastReported, stop }: ShortReportTask,
): Promise<ReportTaskOutcome | null> {
  const { session } = order;
  const records = { session, lastReported };
  if (checkRecords(records)) return null;
  const key = deps.keyring.find(session.log.keyId, session.log.keyCheck);
  if (!key) return null;
  const [walked, gathered] = await Promise.all([
    walkRange(deps, rangeTask(records, 0, stop)),
    deps.gather(session),
  ]);
  if (walked.kind !== 'walked' || walked.more) return null;
  const verdict = judgeWalk([walked.range], records, key);
  return verdict.status === 'verified' ? compose(order, verdict, gathered) : null;
}

function compose(
  order: ReportOrder,
  verdict: VerifiedLog,
  { policy, ...gathered }: GatheredFacts,
): ReportTaskOutcome {
  if (!policy) return { kind: 'refused', problem: NO_POLICY };
  // Not before the log was read: a report is no older than what it holds.
  const made = { id: newId('report'), generatedAt: new Date() };
  const composed = composeReport({ ...order, ...gathered, ...made, policy, verdict });
  if (!composed.ok) return { kind: 'refused', problem: composed.problem };
  // Bytes that own their memory: a pooled Buffer cannot be handed over.
  const json = new TextEncoder().encode(composed.json);
  const { rootHex, size } = verdict;
  return { kind: 'made', report: { ...made, rootHex, size, json, jsonSha256Hex: composed.sha256Hex } };
}

const NO_POLICY =
  'The policy in force during the session is not stored. Import it with its account, then try again';
