// Takes the JSON and its attachments out of a report's PDF. Refuses any file that is not in the form that `finishPdf` writes: such a file
// has no place for content that only some readers show, such as an appended revision.
import { ParseSpeeds, PDFDocument } from '@cantoo/pdf-lib';
import type { Attachment } from '../../../shared/reports/attachments.ts';
import type { Paper } from '../../../shared/reports/paper.ts';
import { type Description, type Origin, PRODUCER_FORM, readDescription } from './describe-document.ts';
import { findActive } from './find-active.ts';
import { findExcessObjects, findFormProblem, findSizeProblem } from './form-problem.ts';
import { paperOf } from './paper-of.ts';
import { CREATOR_PREFIX, WRITING } from './pdf-form.ts';
import { isNestedDeeper } from './pdf-objects.ts';
import { takeAttachments } from './take-attachments.ts';

/** What a PDF says besides its pages. */
export type PdfStatements = Readonly<{
  json: Uint8Array;
  attachmentName: string;
  /** The files attached beside the JSON, in the order of their names. */
  attachments: readonly Attachment[];
  origin: Origin;
  /** What its first page is printed on. Anyone can choose it: pages printed again on it are compared whole. */
  paper: Paper;
  description: Description;
}>;

export type PdfReading = (Readonly<{ ok: true }> & PdfStatements) | PdfRefusal;

/** Why a PDF is not read, safe to show. One that costs more than a report does may be honest. */
export type PdfRefusal = Readonly<{ ok: false; problem: string; costsTooMuch: boolean }>;

/**
 * Reads the PDF's structure, not the contents of its pages. Never throws. A hostile file may keep it busy for long:
 * `readPdfWithin` has a deadline.
 */
export async function readPdf(bytes: Uint8Array): Promise<PdfReading> {
  const size = findSizeProblem(bytes);
  if (size !== null) return refuseCost(size);
  const problem = findFormProblem(bytes);
  if (problem !== null) return refuse(problem);
  const excess = findExcessObjects(bytes);
  if (excess !== null) return refuseCost(excess);
  try {
    return await readDocument(bytes);
  } catch {
    return refuse('it is damaged');
  }
}

async function readDocument(bytes: Uint8Array): Promise<PdfReading> {
  const pdf = await PDFDocument.load(bytes, {
    updateMetadata: false,
    ignoreEncryption: true,
    preserveXFA: true,
    throwOnInvalidObject: true,
    parseSpeed: ParseSpeeds.Fastest,
  });
  if (pdf.isEncrypted) return refuse('it is encrypted');
  if (isNestedDeeper(pdf, DEPTH_LIMIT)) return refuse('its values are nested too deeply');
  const active = findActive(pdf);
  if (active !== null) return refuse(`it holds ${active}`);
  const attached = takeAttachments(pdf);
  if (!attached.ok) return { costsTooMuch: false, ...attached };
  const chromium = CREATOR.exec(pdf.getCreator() ?? '')?.[1];
  if (chromium === undefined) return refuse('it does not name the Chromium that printed it');
  const producer = pdf.getProducer() ?? '';
  if (!PRODUCER_FORM.test(producer)) return refuse('it was not finished by this program');
  // Finds everything else in the file, between objects and behind them. Comes last, since it cannot say what it found.
  const written = await pdf.save(WRITING);
  if (Buffer.compare(written, bytes) !== 0) {
    return refuse('its bytes are not in the form in which reports are written');
  }
  return {
    ok: true,
    json: attached.json,
    attachmentName: attached.name,
    attachments: attached.attachments,
    origin: { chromium, producer },
    paper: paperOf(pdf),
    description: readDescription(pdf),
  };
}

/** As the verifiers that stand alone have it. A report's values are ten deep at most. */
const DEPTH_LIMIT = 100;

const CREATOR = new RegExp(`^${CREATOR_PREFIX}(\\d{1,5}(?:\\.\\d{1,5}){3})$`);

function refuse(problem: string): PdfReading {
  return { ok: false, problem, costsTooMuch: false };
}

function refuseCost(problem: string): PdfReading {
  return { ok: false, problem, costsTooMuch: true };
}
