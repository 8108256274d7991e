// Issues a report over many sessions: every log is walked, the report is composed, printed if a PDF is asked for, and
// written to the ledger. Only then is it handed out. API and command go this way. A job keeps the bytes before it records
// the report, so that a worker that goes on for a killed one has them.
import { explainUnverifiable } from '../../shared/audit/verdict.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { signEntry } from '../../shared/reports/sign-entry.ts';
import type { SessionException } from '../../shared/reports/window-facts.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import type { CheckpointMemory } from '../../shared/transparency/checkpoint-memory.ts';
import type { SignStatement } from '../../shared/transparency/statement-signer.ts';
import type { PdfPlace } from '../pdf/pdf.ts';
import type { MadeReport, WideOrder, WideOutcome } from './report-orders.ts';
import { signCsv, signPdf, signReport } from './sign-report.ts';
import type { WideOptions } from './wait-options.ts';

export type MakeDeps = Readonly<{
  pool: Readonly<{ wideReport(order: WideOrder, options: WideOptions): Promise<WideOutcome> }>;
  recordOutcome: RecordOutcome;
  signStatement: SignStatement;
  /** Null without keys of the account logs. */
  checkpointMemory: Pick<CheckpointMemory, 'largest'> | null;
}>;

export type IssueDeps = MakeDeps & Readonly<{ ledger: Pick<ReportLedger, 'record'> }>;

/** A report that may be handed out once its entry is in the ledger. */
export type MadeWide = Readonly<{
  entry: LedgerEntry;
  bytes: Uint8Array;
  exceptions: readonly SessionException[];
}>;

export type IssuedWide = Readonly<{
  id: string;
  bytes: Uint8Array;
  jsonSha256Hex: string;
  exceptions: readonly SessionException[];
}>;

export type IssueOptions = Omit<WideOptions, 'onOutcome' | 'known'> &
  Readonly<{
    /** The place at the printer of a PDF. */
    place: PdfPlace | null;
  }>;

/** Makes a report and records it. Throws as `makeWide` does. */
export async function issueWide(
  deps: IssueDeps,
  order: WideOrder,
  options: IssueOptions,
): Promise<IssuedWide> {
  const { entry, bytes, exceptions } = await makeWide(deps, order, options);
  options.signal.throwIfAborted();
  await deps.ledger.record(order.accountId, entry);
  return { id: entry.id, bytes, jsonSha256Hex: entry.jsonSha256Hex, exceptions };
}

/**
 * The bytes of a new report, which are not recorded. Throws `validation_failed` where the window holds too many sessions, and
 * `report_generation_failed` where logs are not verified and were not to be listed, or where the report would not be
 * safe to send. Throws what the pool and the printer throw. Rejects with the signal's reason when the signal aborts.
 */
export async function makeWide(
  deps: MakeDeps,
  order: WideOrder,
  { place, signal, ...options }: IssueOptions,
): Promise<MadeWide> {
  const { subject } = order;
  const known = (await deps.checkpointMemory?.largest(order.accountId)) ?? null;
  const outcome = await deps.pool.wideReport(order, {
    ...options,
    known,
    signal,
    onOutcome: ({ found, verdict }) => deps.recordOutcome(found, verdict),
  });
  const { report, exceptions } = assertMade(outcome, order);
  const { json, draft, csv, attachments: _, ...made } = report;
  const { statement, attachments } = await signReport(deps.signStatement, order.accountId, report);
  if (place && draft) options.onStage?.('printing');
  const pdf =
    place && draft ? await place.render({ json, draft, attachments }, signal, null, options.deadline) : null;
  const entry = await signEntry(deps.signStatement, order.accountId, {
    ...made,
    userId: order.issuedTo.id,
    scope: subject.scope,
    sessionId: null,
    ...(subject.scope === 'agent' && { agentId: subject.agentId }),
    ...(await signPdf(deps.signStatement, order.accountId, report, pdf)),
    ...(await signCsv(deps.signStatement, order.accountId, report, csv)),
    format: order.format,
    statement,
  });
  return { entry, bytes: pdf ?? csv ?? json, exceptions };
}

function assertMade(
  outcome: WideOutcome,
  order: WideOrder,
): Readonly<{ report: MadeReport; exceptions: readonly SessionException[] }> {
  if (outcome.kind === 'made') return outcome;
  if (outcome.kind === 'refused') throw reportFailure(outcome.reason, `${outcome.problem}.`);
  if (outcome.kind === 'too_many') throw tooMany(outcome, order);
  throw notVerified(outcome.exceptions, outcome.total);
}

/** Says how far a window reaches that fits. */
function tooMany(
  { sessions, fitsUntil }: Extract<WideOutcome, { kind: 'too_many' }>,
  { sessionsLimit, subject }: WideOrder,
): AppError {
  const first = presentTime(subject.window.since);
  const upTo = presentTime(fitsUntil);
  const count = (value: number) => value.toLocaleString('en-US');
  return new AppError(
    'validation_failed',
    `The window holds ${count(sessions)} sessions, and a report covers ${count(sessionsLimit)} at most (REPORT_SESSIONS_LIMIT). The first that fit: since=${first}&until=${upTo}; the next begins at that until.`,
    { param: subject.window.period === null ? 'since' : 'period' },
  );
}

/** Exceptions that a message names. */
const NAMED = 10;

function notVerified(exceptions: readonly SessionException[], total: number): AppError {
  const failed = exceptions.filter(({ verdict }) => verdict.status === 'failed').length;
  const named = exceptions
    .slice(0, NAMED)
    .map(({ id, verdict }) =>
      verdict.status === 'failed'
        ? `${id} ${verdict.fault} at seq ${verdict.seq}`
        : `${id} unverifiable, ${explainUnverifiable(verdict)}`,
    );
  const lacksKeys = exceptions.every(
    ({ verdict }) => verdict.status === 'unverifiable' && verdict.reason === 'unknown_key',
  );
  const more = exceptions.length > NAMED ? `; and ${exceptions.length - NAMED} more` : '';
  return reportFailure(
    lacksKeys ? 'key_missing' : 'log_failed',
    `${exceptions.length} of the window's ${total} logs are not verified: ${failed} failed, ${exceptions.length - failed} could not be checked. ${named.join('; ')}${more}. Ask with exceptions=list for a report that names them and counts nothing of them.`,
  );
}
