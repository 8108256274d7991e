/** Documents whose first print broke off: those that the second print gave, and those that neither gave. */
export type BrokenPrints = Readonly<{ recovered: number; failed: number }>;

export const NO_BROKEN_PRINTS: BrokenPrints = { recovered: 0, failed: 0 };

/** The metric of the API and of the workers that tells them. */
export const BROKEN_PRINTS_METRIC = {
  name: 'masker_pdf_prints_broken_off_total',
  help: 'PDFs whose print broke off, by whether the second print gave them: recovered or failed.',
  label: 'outcome',
} as const;
