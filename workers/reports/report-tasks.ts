// The tasks that end in a report: they compose the verdict on the log and the facts stored beside it, in a thread.
import { isDeepStrictEqual } from 'node:util';
import { newId } from '../../shared/audit/ids.ts';
import type { Anchor } from '../../shared/audit/log-record.ts';
import { LISTED_LIMIT } from '../../shared/audit/tally.ts';
import type { LogVerdict, VerifiedLog } from '../../shared/audit/verdict.ts';
import { composeReport, type Refusal } from '../../shared/reports/compose-report.ts';
import { type AssessedEvidence, assessEvidence } from '../../shared/reports/session-evidence.ts';
import { outcomeOf } from '../../shared/sessions/record-outcome.ts';
import type { Session, SessionSnapshot } from '../../shared/sessions/session.ts';
import type { Begun, VerifyOrder } from '../logs/log-tasks.ts';
import { beginVerify, concludeVerify, type VerifyDeps, verifyHere } from '../logs/verify-session.ts';
import { draftPdf } from '../pdf/pdf-tasks.ts';
import { isStopped } from '../threads/stop-flag.ts';
import { entryLines } from './entry-lines.ts';
import { type FactGatherer, type GatheredFacts, UNREADABLE } from './gather-facts.ts';
import type { BeginReportTask, ConcludeReportTask, ReportOrder, ReportOutcome } from './report-orders.ts';
import { findUnnamed } from './unnamed-entry.ts';

export type ReportDeps = VerifyDeps & Readonly<{ gather: FactGatherer }>;

/**
 * The first task of every report, and for most logs the only one. It reads the report's facts while the log is walked.
 */
export async function beginReport(deps: ReportDeps, task: BeginReportTask): Promise<ReportOutcome | Begun> {
  const { order, stop } = task;
  let facts: Promise<GatheredFacts> | undefined;
  const early = deps.gather.readEarly(order.accountId);
  const onFound = (session: Session) => {
    // A row that is read again may name a later entry than the early reads have.
    facts = deps.gather.facts(session, facts ? undefined : early);
    // A failed log needs no facts, so nobody may be waiting for them.
    facts.catch(() => {});
  };
  const entries = early.log ?? undefined;
  const begun = await beginVerify(deps, { order: verifyOrder(order), stop }, { onFound, entries });
  if (begun.kind !== 'concluded') return begun;
  const { found, verdict } = begun;
  return await report(deps, task, found, verdict, () => facts ?? deps.gather.facts(found.session));
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
  return await report(deps, task, found, verdict, () =>
    found === begun ? facts : deps.gather.facts(found.session),
  );
}

function verifyOrder({ accountId, sessionId }: ReportOrder): VerifyOrder {
  return { accountId, sessionId, anchors: [], until: null, listed: LISTED_LIMIT };
}

async function report(
  deps: ReportDeps,
  task: BeginReportTask,
  found: SessionSnapshot,
  verdict: LogVerdict,
  gather: () => Promise<GatheredFacts>,
): Promise<ReportOutcome> {
  if (verdict.status !== 'verified') return { kind: 'not_verified', found, verdict };
  return await compose(deps, task, found, verdict, await gather());
}

async function compose(
  deps: ReportDeps,
  task: BeginReportTask,
  found: SessionSnapshot,
  verdict: VerifiedLog,
  { policy, payloads, logged, ...gathered }: GatheredFacts,
): Promise<ReportOutcome> {
  const { order, stop } = task;
  const { baaChainText, format, issuedTo, paper } = order;
  const walked = { found, verdict };
  if (policy === null) return refused(walked, 'policy_missing', NO_POLICY);
  if (payloads === UNREADABLE) return refused(walked, 'leak_scan', UNREADABLE_PAYLOADS);
  const assessed = await assessLogged(deps, task, walked, logged);
  if ('kind' in assessed) return assessed;
  const { session } = found;
  // The time is taken after the log was read: a report is no older than its contents.
  const issued = { id: newId('report'), generatedAt: new Date() };
  const facts = {
    session,
    verdict,
    baaChainText,
    issuedTo,
    ...gathered,
    payloads,
    ...issued,
    policy,
    ...assessed,
  };
  const composed = composeReport(facts, () => isStopped(stop));
  if (!composed.ok) return refused(walked, composed.reason, composed.problem);
  // TextEncoder gives bytes that own their memory; a pooled Buffer cannot be transferred to another thread.
  const json = new TextEncoder().encode(composed.json);
  const { rootHex, size, state: logState } = verdict;
  const { startedAt: since, endedAt: until } = session;
  const stated = { ...issued, rootHex, size, logState, since, until, jsonSha256Hex: composed.sha256Hex };
  const made = { kind: 'made', found, verdict: outcomeOf(verdict) } as const;
  if (format === 'json') return { ...made, report: { ...stated, json, draft: null, attachments: [] } };
  const log = { accountId: session.accountId, sessionId: session.id };
  const entries = await entryLines(deps.reader, log, verdict, composed.finder);
  if (entries === 'changed') return refused(walked, 'log_failed', CHANGED);
  const draft = await draftPdf(composed.report, json, paper);
  return { ...made, report: { ...stated, json, draft, attachments: entries ? [entries] : [] } };
}

type Walked = Readonly<{ found: SessionSnapshot; verdict: VerifiedLog }>;

function refused({ found, verdict }: Walked, reason: Refusal['reason'], problem: string) {
  return { kind: 'refused', found, verdict: outcomeOf(verdict), reason, problem } as const;
}

/** What the report may state of the account log; an outcome where that does not agree with the log that was walked. */
async function assessLogged(
  deps: ReportDeps,
  task: BeginReportTask,
  walked: Walked,
  logged: GatheredFacts['logged'],
): Promise<StatableEvidence | ReportOutcome> {
  const { known } = task;
  const { verdict } = walked;
  const { session } = walked.found;
  const { logs } = deps.gather;
  const contradicted = async (problem: string) => ({
    ...refused(walked, 'account_log', problem),
    isStale: await isWrittenSince(deps, session),
  });
  const assessed = assessEvidence({ session, verdict, keys: logs?.keys ?? null, logged });
  if ('problem' in assessed) return await contradicted(assessed.problem);
  // Also of a sealed log: a log that was cut can be closed and sealed anew.
  // A checkpoint that the process knew was there when the stated one was read, unless an older one was put back.
  const isBehind = (assessed.evidence?.logSize ?? 0) < (known?.size ?? 0);
  const isUnnamed = assessed.evidence === null || isBehind;
  const unnamed = logs && isUnnamed ? await findUnnamed(logs, { session, verdict, known }) : null;
  if (unnamed && unnamed.problem !== null) return await contradicted(unnamed.problem);
  if (unnamed && unnamed.anchors.length > 0) {
    const differing = await walkBeside(deps, task, verdict, unnamed.anchors);
    if (differing === CHANGED) return { ...refused(walked, 'log_failed', CHANGED), isStale: true };
    if (differing) return differing;
  }
  return assessed;
}

type StatableEvidence = Exclude<AssessedEvidence, Readonly<{ problem: string }>>;

/**
 * Null where one walk finds the log that was walked before, and what these reports saw of it. `CHANGED` where it finds another
 * log than before: somebody put a copy in its place in between, and the other may be the true one.
 */
async function walkBeside(
  deps: ReportDeps,
  { order, stop }: BeginReportTask,
  { size, rootHex }: VerifiedLog,
  anchors: readonly Anchor[],
): Promise<ReportOutcome | typeof CHANGED | null> {
  const before: Anchor = { source: 'stored', size, rootHex, isSigned: true, reportId: newId('report') };
  const held = size > 0 ? [...anchors, before] : anchors;
  const again = await verifyHere(deps, { ...verifyOrder(order), anchors: held }, stop);
  if (!again) return { kind: 'no_session' };
  const { found, verdict } = again;
  if (verdict.status === 'verified') return null;
  const isOther = verdict.status === 'failed' && verdict.anchor?.reportId === before.reportId;
  return isOther ? CHANGED : { kind: 'not_verified', found, verdict };
}

/** Whether a writer appended to the session, ended or sealed it, or the keeper marked it, since its row was read. */
async function isWrittenSince({ rows }: ReportDeps, read: Session): Promise<boolean> {
  const now = (await rows.find({ accountId: read.accountId, sessionId: read.id }))?.found.session;
  const written = ({ log, status, endedAt, logIndex }: Session) => ({ log, status, endedAt, logIndex });
  return !now || !isDeepStrictEqual(written(now), written(read));
}

const CHANGED =
  "The session's audit log was changed while the report was made, by other means than appending. Try again: the next report says how it failed";

const NO_POLICY =
  'The policy in force during the session is not stored. Import it with its account, then try again';

const UNREADABLE_PAYLOADS =
  "The session's stored payloads cannot be read, so that nobody can tell whether the report repeats them. Import the session again";
