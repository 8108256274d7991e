// The tasks that end in a report: they compose the verdict on the log and the facts stored beside it, in a thread.
import { newId } from '../../shared/audit/ids.ts';
import { LISTED_LIMIT } from '../../shared/audit/tally.ts';
import type { LogVerdict, VerifiedLog } from '../../shared/audit/verdict.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { Begun, VerifyOrder } from '../logs/log-tasks.ts';
import { beginVerify, concludeVerify, type VerifyDeps } from '../logs/verify-session.ts';
import { draftPdf } from '../pdf/pdf-tasks.ts';
import { isStopped } from '../threads/stop-flag.ts';
import { type FactGatherer, type GatheredFacts, UNREADABLE } from './gather-facts.ts';
import type { BeginReportTask, ConcludeReportTask, ReportOrder, ReportOutcome } from './report-orders.ts';

export type ReportDeps = VerifyDeps & Readonly<{ gather: FactGatherer }>;

/**
 * The first task of every report, and for most logs the only one. It reads the report's facts while the log is walked.
 */
export async function beginReport(deps: ReportDeps, task: BeginReportTask): Promise<ReportOutcome | Begun> {
  const { order, stop } = task;
  let facts: Promise<GatheredFacts> | undefined;
  const begun = await beginVerify(deps, { order: verifyOrder(order), stop }, (session) => {
    facts = deps.gather.facts(session);
    // A failed log needs no facts, so nobody may be waiting for them.
    facts.catch(() => {});
  });
  if (begun.kind !== 'concluded') return begun;
  const { found, verdict } = begun;
  return await report(task, found, verdict, () => facts ?? deps.gather.facts(found.session));
}

/** The last task of a report on a long log. */
export async function concludeReport(deps: ReportDeps, task: ConcludeReportTask): Promise<ReportOutcome> {
  const { order, found: begun } = task;
  const facts = deps.gather.facts(begun.session);
  facts.catch(() => {});
  const concluded = await concludeVerify(deps, { ...task, order: verifyOrder(order) });
  if (concluded.kind === 'no_session') return concluded;
  const { found, verdict } = concluded;
  // Facts that were read before the row was read again may be older than it.
  return await report(task, found, verdict, () =>
    found === begun ? facts : deps.gather.facts(found.session),
  );
}

function verifyOrder({ accountId, sessionId }: ReportOrder): VerifyOrder {
  return { accountId, sessionId, anchors: [], until: null, listed: LISTED_LIMIT };
}

async function report(
  task: BeginReportTask,
  found: SessionSnapshot,
  verdict: LogVerdict,
  gather: () => Promise<GatheredFacts>,
): Promise<ReportOutcome> {
  if (verdict.status !== 'verified') return { kind: 'not_verified', found, verdict };
  return await compose(task, found, verdict, await gather());
}

async function compose(
  { order: { baaChainText, format }, stop }: BeginReportTask,
  found: SessionSnapshot,
  verdict: VerifiedLog,
  { policy, payloads, ...gathered }: GatheredFacts,
): Promise<ReportOutcome> {
  // A policy without a text was damaged: it counts as not stored.
  if (typeof policy?.text !== 'string') {
    return { kind: 'refused', found, reason: 'policy_missing', problem: NO_POLICY };
  }
  if (payloads === UNREADABLE) {
    return { kind: 'refused', found, reason: 'leak_scan', problem: UNREADABLE_PAYLOADS };
  }
  const { session } = found;
  // The time is taken after the log was read: a report is no older than its contents.
  const made = { id: newId('report'), generatedAt: new Date() };
  const reportFacts = { session, verdict, baaChainText, ...gathered, payloads, ...made, policy };
  const composed = composeReport(reportFacts, () => isStopped(stop));
  if (!composed.ok) {
    const { reason, problem } = composed;
    return { kind: 'refused', found, reason, problem };
  }
  // TextEncoder gives bytes that own their memory; a pooled Buffer cannot be transferred to another thread.
  const json = new TextEncoder().encode(composed.json);
  const draft = format === 'pdf' ? await draftPdf(composed.report, json) : null;
  const { rootHex, size, state: logState } = verdict;
  const { startedAt: since, endedAt: until } = session;
  const stated = { ...made, rootHex, size, logState, since, until, jsonSha256Hex: composed.sha256Hex };
  return { kind: 'made', found, report: { ...stated, json, draft, attachments: [] } };
}

const NO_POLICY =
  'The policy in force during the session is not stored. Import it with its account, then try again';

const UNREADABLE_PAYLOADS =
  "The session's stored payloads cannot be read, so that nobody can tell whether the report repeats them. Import the session again";
