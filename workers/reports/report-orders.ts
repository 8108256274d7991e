// What the tasks that end in a report are told and answer. Everything is plain data, since it crosses the threads' border.
import type { FailedLog, UnverifiableLog } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { Begun, NoSession } from '../logs/log-tasks.ts';
import type { PdfDraft } from '../pdf/document/pdf-draft.ts';
import type { StopFlag } from '../threads/stop-flag.ts';

/** What a report is to be on, and what no thread can read. */
export type ReportOrder = Readonly<{
  accountId: string;
  /** An id by its looks; the account need not have the session. */
  sessionId: string;
  /** The content of the operator's BAA chain file, null where none is configured. */
  baaChainText: string | null;
  format: ReportFormat;
}>;

export type ReportFormat = 'json' | 'pdf';

/** A report that may be sent, and what is said of it in the ledger. */
export type MadeReport = Readonly<{
  id: string;
  generatedAt: Date;
  rootHex: string;
  /** Entries under that root. */
  size: number;
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
  /** The log is verified, and there is no report all the same. `problem` is safe to show: places and shapes, no values. */
  | Readonly<{ kind: 'refused'; found: SessionSnapshot; problem: string }>
  | Readonly<{ kind: 'not_verified'; found: SessionSnapshot; verdict: FailedLog | UnverifiableLog }>;

export type BeginReportTask = Readonly<{ order: ReportOrder; stop: StopFlag }>;

/** Goes on from what was begun, once the rest of a long log was walked. */
export type ConcludeReportTask = BeginReportTask &
  Pick<Begun, 'found' | 'plan'> &
  Readonly<{ ranges: readonly WalkedRange[] | null }>;
