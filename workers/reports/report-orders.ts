// Inputs and results of the tasks that end in a report. All of it is plain data, which can be sent between threads.
import type { FailedLog, LogState, UnverifiableLog } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import type { Refusal } from '../../shared/reports/compose-report.ts';
import type { Paper } from '../../shared/reports/paper.ts';
import type { Asker } from '../../shared/reports/report-facts.ts';
import type { WideSubject } from '../../shared/reports/subject.ts';
import type { WideFormat } from '../../shared/reports/wide-formats.ts';
import type { SessionException } from '../../shared/reports/window-facts.ts';
import type { VerifiedOutcome } from '../../shared/sessions/record-outcome.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
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
  issuedTo: Asker;
  /** Of a PDF's pages; by default A4. */
  paper?: Paper;
}>;

export type ReportFormat = 'json' | 'pdf';

export { WIDE_FORMATS, type WideFormat } from '../../shared/reports/wide-formats.ts';

/** Which sessions to report on, in which format, and the facts that no thread can read. */
export type WideOrder = Readonly<{
  accountId: string;
  /** The report's id, where it was named before the report was made; otherwise it gets a new one. */
  reportId?: string;
  subject: WideSubject;
  /** Whether logs that are not verified refuse the report, or are listed in it. */
  exceptions: 'refuse' | 'list';
  baaChainText: string | null;
  format: WideFormat;
  issuedTo: Asker;
  /** Of a PDF's pages; by default A4. */
  paper?: Paper;
  /** Sessions that a report covers at most. */
  sessionsLimit: number;
}>;

/** A report that may be sent, and the facts that the ledger records of it. */
export type MadeReport = Readonly<{
  id: string;
  generatedAt: Date;
  rootHex: string;
  /** Entries under that root. */
  size: number;
  /** Null of many sessions. */
  logState: LogState | null;
  /** The window, or the session's start and end; the end is null while the session is open. */
  since: Date;
  until: Date | null;
  json: Uint8Array;
  jsonSha256Hex: string;
  /** What a PDF is printed from; null where JSON was ordered. */
  draft: PdfDraft | null;
  /** What the PDF carries beside the JSON, but for the statement; none where JSON was ordered. */
  attachments: readonly Attachment[];
  /** A row a session, where that was ordered. */
  csv?: Uint8Array;
}>;

/** No report may be sent on logs that are verified. `problem` is safe to show: it holds places and shapes, no values. */
export type Refused = Readonly<{ kind: 'refused'; reason: Refusal['reason']; problem: string }>;

export type WideOutcome =
  | Readonly<{ kind: 'made'; report: MadeReport; exceptions: readonly SessionException[] }>
  | Refused
  /** Some logs are not verified, and were not to be listed. */
  | Readonly<{ kind: 'not_verified'; exceptions: readonly SessionException[]; total: number }>
  /** The window from its start to `fitsUntil` would fit. */
  | Readonly<{ kind: 'too_many'; sessions: number; fitsUntil: Date }>;

export type ReportOutcome =
  | NoSession
  | Readonly<{ kind: 'made'; found: SessionSnapshot; verdict: VerifiedOutcome; report: MadeReport }>
  /**
   * The log is verified, but no report may be sent. `problem` is safe to show: it holds places and shapes, no values.
   */
  | Readonly<{
      kind: 'refused';
      found: SessionSnapshot;
      verdict: VerifiedOutcome;
      reason: Refusal['reason'];
      problem: string;
      /** The session's row was written since it was read, so that a report that is made anew may be sent. */
      isStale?: boolean;
    }>
  | Readonly<{ kind: 'not_verified'; found: SessionSnapshot; verdict: FailedLog | UnverifiableLog }>;

export type BeginReportTask = Readonly<{
  order: ReportOrder;
  /** The largest checkpoint of the account log that the process knew. */
  known: KnownRoot | null;
  stop: StopFlag;
}>;

/** Continues a report on a long log after its ranges were walked. */
export type ConcludeReportTask = BeginReportTask &
  Pick<Begun, 'found' | 'plan'> &
  Readonly<{ ranges: readonly WalkedRange[] | null }>;
