// What is made of a report before its pages are printed: plain data, which threads hand to each other.

/** What a PDF says of itself besides its pages. */
export type PdfFacts = Readonly<{
  title: string;
  language: string;
  reportId: string;
  sessionId: string;
  /** 64 hex digits. */
  rootHex: string;
  /** ISO 8601 UTC, as the report has it. */
  generatedAt: string;
  attachmentName: string;
}>;

/** What the scan of the finished PDF has to know of its report. */
export type ScanBasis = Readonly<{
  /** The values of typed fields as they print, without spaces. */
  typedValues: readonly string[];
  /** The words of the pages, but for free text: whatever of an original stands in them says nothing. */
  ownWords: string;
}>;

/** The pages as HTML, and what finishing and scanning them takes. */
export type PdfDraft = Readonly<{ html: string; facts: PdfFacts; scan: ScanBasis }>;
