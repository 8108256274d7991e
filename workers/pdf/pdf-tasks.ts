// The steps of a PDF that are computing alone. They take tens of milliseconds and more, so a server runs them in the
// report pool; what they need is loaded when the first PDF is made.
import { AppError } from '../../shared/errors/app-error.ts';
import { leakProblem } from '../../shared/reports/compose-report.ts';
import { alignTranscripts } from '../../shared/reports/transcripts.ts';
import type { SessionPayloads } from '../../shared/sessions/session.ts';
import type { PdfDocument } from './document/compose-document.ts';

export type FinishInput = Readonly<{
  printed: Uint8Array;
  document: PdfDocument;
  reportJson: Uint8Array;
  /** Version of the Chromium that printed. */
  chromium: string;
  /** The session's, whose originals must not be in the PDF; null where none are known. */
  payloads: SessionPayloads | null;
}>;

export type PdfTasks = Readonly<{
  composeDocument(accountId: string, reportJson: Uint8Array, signal: AbortSignal): Promise<PdfDocument>;
  /** The PDF, finished and scanned. Throws `report_generation_failed` when it would not be safe to send. */
  finishPdf(accountId: string, input: FinishInput, signal: AbortSignal): Promise<Uint8Array>;
}>;

export type FinishOutcome =
  | Readonly<{ ok: true; pdf: Uint8Array }>
  /** Safe to show: places and shapes, never values. */
  | Readonly<{ ok: false; problem: string }>;

export async function composeInThisThread(reportJson: Uint8Array): Promise<PdfDocument> {
  const { composeDocument } = await import('./document/compose-document.ts');
  return composeDocument(reportJson);
}

export async function finishInThisThread(input: FinishInput): Promise<FinishOutcome> {
  const { printed, document, reportJson, chromium, payloads } = input;
  const { finishPdf } = await import('./finish/finish-pdf.ts');
  const { scanPdf } = await import('./finish/scan-pdf.ts');
  const pdf = await finishPdf(printed, document, reportJson, chromium);
  const { originals } = alignTranscripts(payloads?.request, payloads?.masked);
  const hits = await scanPdf(pdf, reportJson, originals);
  return hits.length > 0 ? { ok: false, problem: leakProblem('PDF', hits) } : { ok: true, pdf };
}

/** The PDF, or the problem as an error. */
export function assertFinished(outcome: FinishOutcome): Uint8Array {
  if (outcome.ok) return outcome.pdf;
  throw new AppError('report_generation_failed', `${outcome.problem}.`);
}

/** For commands, which nobody waits for. */
export const PDF_TASKS_HERE: PdfTasks = {
  composeDocument: (_accountId, reportJson) => composeInThisThread(reportJson),
  finishPdf: async (_accountId, input) => assertFinished(await finishInThisThread(input)),
};
