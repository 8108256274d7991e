// The draft of a PDF, made of a report before its pages are printed. Plain data, which threads hand to each other.
import type { CharacterCounts } from './character-counts.ts';

/** The facts that a PDF states besides its pages. */
export type PdfFacts = Readonly<{
  title: string;
  language: string;
  reportId: string;
  /** What the report is about, such as `session sess_…`. */
  subject: string;
  /** 64 hex digits. */
  rootHex: string;
  /** ISO 8601 UTC, as the report has it. */
  generatedAt: string;
  attachmentName: string;
}>;

/** The parts of a report that the scan of its finished PDF needs. */
export type ScanBasis = Readonly<{
  /** The values of typed fields as they print, without spaces. */
  typedValues: readonly string[];
  /** The words of the pages without free text. */
  ownWords: string;
  /** The operator's texts in the report. */
  operatorTexts: readonly string[];
  /** The characters that the pages have to bear. */
  drawn: CharacterCounts;
}>;

/** The pages as HTML, and the facts with which they are finished and scanned. */
export type PdfDraft = Readonly<{ html: string; facts: PdfFacts; scan: ScanBasis }>;
