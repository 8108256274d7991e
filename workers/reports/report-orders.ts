// Inputs and results of the tasks that end in a report. All of it is plain data, which can be sent between threads.
import type { FailedLog, LogState, UnverifiableLog } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { Refusal } from '../../shared/reports/compose-report.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { Begun, NoSession } from '../logs/log-tasks.ts';
import type { PdfDraft } from '../pdf/document/pdf-draft.ts';
import type { StopFlag } from '../threads/stop-flag.ts';

/** Which session to report on, in which format, and the one fact that no thread can read. */
export type ReportOrder = Readonly<{
  accountId: string;
  /** A valid id. The account need not have the session. */
  sessionId: string;
  /** Content of the operator's BAA chain file; null where none is configured. */
  baaChainText: string | null;
  format: ReportFormat;
}>;

export type ReportFormat = 'json' | 'pdf';

/** A report that may be sent, and the facts that the ledger records of it. */
export type MadeReport = Readonly<{
  id: string;
  generatedAt: Date;
  rootHex: string;
  /** Entries under that root. */
  size: number;
  logState: LogState;
  /** The session's start and end; the end is null while it is open. */
  since: Date;
  until: Date | null;
  json: Uint8Array;
  jsonSha256Hex: string;
  /** What a PDF is printed from; null where JSON was ordered. */
  draft: PdfDraft | null;
}>;

export type ReportOutcome =
  | NoSession
  /** The log is verified. */
  | Readonly<{ kind: 'made'; found: SessionSnapshot; report: MadeReport }>
  /**
   * The log is verified, but no report may be sent. `problem` is safe to show: it holds places and shapes, no values.
   */
  | Readonly<{ kind: 'refused'; found: SessionSnapshot; reason: Refusal['reason']; problem: string }>
  | Readonly<{ kind: 'not_verified'; found: SessionSnapshot; verdict: FailedLog | UnverifiableLog }>;

export type BeginReportTask = Readonly<{ order: ReportOrder; stop: StopFlag }>;

/** Continues a report on a long log after its ranges were walked. */
export type ConcludeReportTask = BeginReportTask &
  Pick<Begun, 'found' | 'plan'> &
  Readonly<{ ranges: readonly WalkedRange[] | null }>;
