// Issues a report on a session: the log is verified, the report is composed, printed if a PDF is asked for, and written
// to the ledger. Only then is it handed out. The API and the command go this one way.
import { explainUnverifiable, type FailedLog, type UnverifiableLog } from '../../shared/audit/verdict.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import { signEntry } from '../../shared/reports/sign-entry.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { CheckpointMemory } from '../../shared/transparency/checkpoint-memory.ts';
import type { SignStatement } from '../../shared/transparency/statement-signer.ts';
import type { PdfPlace } from '../pdf/pdf.ts';
import type { MadeReport, ReportOrder, ReportOutcome } from './report-orders.ts';
import { signPdf, signReport } from './sign-report.ts';
import type { ReportOptions, WaitOptions } from './wait-options.ts';

type Deps = Readonly<{
  pool: Readonly<{ report(order: ReportOrder, options: ReportOptions): Promise<ReportOutcome> }>;
  ledger: Pick<ReportLedger, 'record'>;
  recordOutcome: RecordOutcome;
  signStatement: SignStatement;
  /** Null without keys of the account logs. */
  checkpointMemory: Pick<CheckpointMemory, 'largest'> | null;
}>;

/**
 * The bytes of a new report on a session. Throws `session_not_found` when the account has no such session,
 * `report_generation_failed` when the log failed or is unverifiable, or when the report would not be safe to send.
 * Throws what the pool and the printer throw. Rejects with the signal's reason when the signal aborts: the ledger has no
 * entry then, unless the abort came while the entry was being written.
 */
export async function issueSession(
  deps: Deps,
  order: ReportOrder,
  options: IssueOptions,
): Promise<Uint8Array> {
  const { json, pdf } = await issueWithParts(deps, order, options);
  return pdf ?? json;
}

type IssueOptions = WaitOptions & Readonly<{ place: PdfPlace | null }>;

/** A report that is recorded, in all its parts. */
export type IssuedSession = Readonly<{
  id: string;
  generatedAt: Date;
  json: Uint8Array;
  /** Null where JSON alone was ordered. */
  pdf: Uint8Array | null;
  /** The signed note; null where this process has no signing key. */
  statement: string | null;
}>;

/** As `issueSession`, with everything that belongs to the report. */
export async function issueWithParts(
  deps: Deps,
  order: ReportOrder,
  { place, ...wait }: IssueOptions,
): Promise<IssuedSession> {
  const { accountId, sessionId, format, issuedTo } = order;
  const { signal } = wait;
  const report = await proveAndCompose(deps, order, wait);
  const { json, draft, attachments: _, ...made } = report;
  const { statement, attachments } = await signReport(deps.signStatement, accountId, report);
  const pdf =
    place && draft
      ? await place.render({ json, draft, attachments }, signal, { accountId, sessionId }, wait.deadline)
      : null;
  const signedPdf = await signPdf(deps.signStatement, accountId, report, pdf);
  signal.throwIfAborted();
  const issued = { userId: issuedTo.id, scope: 'session', sessionId, format, statement } as const;
  const entry = await signEntry(deps.signStatement, accountId, { ...made, ...issued, ...signedPdf });
  await deps.ledger.record(accountId, entry);
  return { id: made.id, generatedAt: made.generatedAt, json, pdf, statement };
}

/** The same error for a malformed id, an unknown one and another account's. */
export function noSession(): AppError {
  return new AppError('session_not_found', 'The account has no such session.');
}

/** Times that a report is made, where its session's row is written each time. */
const TRIES = 3;

/**
 * A session may end, be sealed and come into the account log while its log is walked: what the log says then is not what the
 * row said before. Such a report is made anew, of the row as it is by then.
 */
async function makeReport(
  { pool, checkpointMemory }: Pick<Deps, 'pool' | 'checkpointMemory'>,
  order: ReportOrder,
  options: WaitOptions,
): Promise<ReportOutcome> {
  for (let tried = 1; ; tried += 1) {
    const known = (await checkpointMemory?.largest(order.accountId)) ?? null;
    const outcome = await pool.report(order, { ...options, known });
    if (outcome.kind !== 'refused' || !outcome.isStale || tried === TRIES) return outcome;
  }
}

async function proveAndCompose(
  deps: Pick<Deps, 'pool' | 'checkpointMemory' | 'recordOutcome'>,
  order: ReportOrder,
  options: WaitOptions,
): Promise<MadeReport> {
  const outcome = await makeReport(deps, order, options);
  if (outcome.kind === 'no_session') throw noSession();
  await deps.recordOutcome(outcome.found, outcome.verdict);
  if (outcome.kind === 'not_verified') throw notVerified(outcome.verdict);
  if (outcome.kind === 'refused') throw reportFailure(outcome.reason, `${outcome.problem}.`);
  return outcome.report;
}

function notVerified(verdict: FailedLog | UnverifiableLog): AppError {
  if (verdict.status === 'unverifiable' && verdict.reason === 'damaged_row') {
    return reportFailure(
      'log_failed',
      `The session's audit log is unverifiable: ${explainUnverifiable(verdict)}. No report can be issued on it.`,
    );
  }
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
