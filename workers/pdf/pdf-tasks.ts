// The steps of a PDF that only compute. They take tens of milliseconds and more, so a server runs them in the report
// pool. Their modules are loaded when the first PDF is made.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import { AlignWork, type StopCheck } from '../../shared/reports/align-work.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import { boundOriginals } from '../../shared/reports/bound-originals.ts';
import { leakProblem } from '../../shared/reports/compose-report.ts';
import { DEFAULT_PAPER, type Paper } from '../../shared/reports/paper.ts';
import type { AnyReport } from '../../shared/reports/report-schema.ts';
import { alignTranscripts } from '../../shared/reports/transcripts.ts';
import type { SessionPayloads } from '../../shared/sessions/session.ts';
import { lacksText } from './document/character-counts.ts';
import type { PdfDraft } from './document/pdf-draft.ts';

export type FinishInput = Pick<PdfDraft, 'facts' | 'scan'> &
  Readonly<{
    /** The pages as Chromium printed them. */
    printed: Uint8Array;
    reportJson: Uint8Array;
    /** The files that are attached beside the JSON. */
    attachments: readonly Attachment[];
    /** Version of the Chromium that printed. */
    chromium: string;
    /** The session whose payloads' originals must not be in the PDF. Null where no payloads can be read. */
    payloadsOf: LogRef | null;
  }>;

export type PdfTasks = Readonly<{
  /** The PDF, finished and scanned. Throws `report_generation_failed` when it may not be sent. */
  finishPdf(accountId: string, input: FinishInput, signal: AbortSignal): Promise<Uint8Array>;
}>;

export type FinishOutcome =
  | Readonly<{ ok: true; pdf: Uint8Array }>
  /** The problem is safe to show: places and shapes, never values. */
  | Readonly<{ ok: false; reason: 'leak_scan' | 'renderer'; problem: string }>;

/** Reads a session's payloads, which are PHI: called in the thread that scans, so that they stay there. */
export type FindPayloads = (session: LogRef) => Promise<SessionPayloads | null>;

/** The draft of a report that is at hand, with its JSON as `format=json` sends it. */
export async function draftPdf(
  report: AnyReport,
  reportJson: Uint8Array,
  paper: Paper = DEFAULT_PAPER,
): Promise<PdfDraft> {
  const { composeDocument } = await import('./document/compose-document.ts');
  return composeDocument(report, reportJson, paper);
}

export async function finishInThisThread(
  { printed, facts, scan, reportJson, attachments, chromium, payloadsOf }: FinishInput,
  findPayloads: FindPayloads,
  isStopped?: StopCheck,
): Promise<FinishOutcome> {
  const { finishPdf } = await import('./finish/finish-pdf.ts');
  const { readPdfText } = await import('./finish/pdf-text.ts');
  const { scanPdf } = await import('./finish/scan-pdf.ts');
  const [pdf, payloads] = await Promise.all([
    finishPdf(printed, facts, reportJson, attachments, chromium),
    payloadsOf && findPayloads(payloadsOf),
  ]);
  const aligned = alignTranscripts(payloads?.request, payloads?.masked, new AlignWork(isStopped));
  // The JSON shows no transcript where originals are left out.
  const { kept: originals } = boundOriginals(aligned.originals);
  const text = await readPdfText(pdf);
  if (
    lacksText(
      text.pages.flatMap(({ pieces }) => pieces),
      scan.drawn,
    )
  ) {
    return { ok: false, reason: 'renderer', problem: LOST_TEXT };
  }
  const hits = scanPdf(text, { facts, scan, reportJson, attachments, originals });
  if (hits.length > 0) return { ok: false, reason: 'leak_scan', problem: leakProblem('PDF', hits) };
  return { ok: true, pdf };
}

const LOST_TEXT = 'Chromium left out a part of the text. Try again after Retry-After, or ask for format=json';

/** The PDF, or the problem as an error. */
export function assertFinished(outcome: FinishOutcome): Uint8Array {
  if (outcome.ok) return outcome.pdf;
  throw reportFailure(outcome.reason, `${outcome.problem}.`);
}

/** For commands, where nobody waits and no payloads are read. */
export const PDF_TASKS_HERE: PdfTasks = {
  finishPdf: async (_accountId, input) => assertFinished(await finishInThisThread(input, findNothing)),
};

/** A PDF that asks for its session's payloads must not leave unscanned. */
async function findNothing(): Promise<never> {
  throw new Error('No payloads can be read here');
}
