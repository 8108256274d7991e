// Issues a report to an admitted caller: the log is verified, the report is composed, printed if a PDF is asked for, and
// written to the ledger. Only then is it sent.
import { hash } from 'node:crypto';
import type { FailedLog, UnverifiableLog } from '../../../shared/audit/verdict.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { PdfPlace } from '../../../workers/pdf/pdf.ts';
import type { MadeReport, ReportFormat, ReportOrder, WaitOptions } from '../../../workers/reports/pool.ts';
import type { Actor, ApiDeps } from '../../http/context.ts';
import { assertSession, noSession } from './find-session.ts';
import type { ReportDeadline } from './report-deadline.ts';

export type ReportDeps = Pick<
  ApiDeps,
  'sessions' | 'pool' | 'pdf' | 'ledger' | 'recordOutcome' | 'metrics' | 'baaChainText'
>;

/**
 * The bytes of a new report on the session, in the given format. Throws `session_not_found` when the account has no such
 * session, `report_generation_failed` when the log failed or is unverifiable, or when the report would not be safe to
 * send. Throws what the pool and the PDF renderer throw. Rejects with the signal's reason when the signal aborts: the
 * ledger has no entry then, unless the abort came while the entry was being written.
 */
export async function issueReport(
  deps: ReportDeps,
  actor: Actor,
  sessionId: string,
  { format, signal, deadline }: { format: ReportFormat; signal: AbortSignal; deadline: ReportDeadline },
): Promise<Uint8Array> {
  const { accountId, userId } = actor;
  using place = format === 'pdf' ? await reservePlace(deps, accountId, sessionId) : null;
  deadline.printer = place;
  const order = { accountId, sessionId, baaChainText: deps.baaChainText, format };
  const { json, draft, ...made } = await proveAndCompose(deps, order, { signal, deadline });
  const pdf = place && draft ? await place.render({ json, draft }, signal, { accountId, sessionId }) : null;
  signal.throwIfAborted();
  const pdfSha256Hex = pdf && hash('sha256', pdf);
  await deps.ledger.record(accountId, { ...made, userId, scope: 'session', sessionId, pdfSha256Hex });
  return pdf ?? json;
}

/** Called before the log is walked, so that a full PDF queue refuses the caller at once. */
async function reservePlace(
  deps: Pick<ApiDeps, 'sessions' | 'pdf'>,
  accountId: string,
  sessionId: string,
): Promise<PdfPlace> {
  // Checked first: a missing session is a 404 even where no PDF can be made.
  await assertSession(deps, accountId, sessionId);
  return deps.pdf.reserve(accountId);
}

async function proveAndCompose(
  { pool, recordOutcome }: ReportDeps,
  order: ReportOrder,
  options: WaitOptions,
): Promise<MadeReport> {
  const outcome = await pool.report(order, options);
  if (outcome.kind === 'no_session') throw noSession();
  const verdict = outcome.kind === 'not_verified' ? outcome.verdict : VERIFIED;
  await recordOutcome(outcome.found, verdict);
  if (outcome.kind === 'not_verified') throw notVerified(outcome.verdict);
  if (outcome.kind === 'refused') throw reportFailure(outcome.reason, `${outcome.problem}.`);
  return outcome.report;
}

const VERIFIED = { status: 'verified' } as const;

function notVerified(verdict: FailedLog | UnverifiableLog): AppError {
  if (verdict.status === 'unverifiable') {
    return reportFailure(
      'key_missing',
      `The session's audit log is unverifiable: its audit key ${verdict.keyId} is not configured, or is another key of that name. Add it to AUDIT_KEYS.`,
    );
  }
  const { fault, seq } = verdict;
  if (fault === 'key_out_of_scope') {
    return reportFailure(
      fault,
      "The session's audit log failed: key_out_of_scope. Its key may not sign for this account at this time: see the key's scope in AUDIT_KEYS.",
    );
  }
  return reportFailure(
    'log_failed',
    `The session's audit log failed: ${fault} at seq ${seq}. No report can be issued on it.`,
  );
}
