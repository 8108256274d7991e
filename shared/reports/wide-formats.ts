/** The formats of a report over many sessions: `csv` has a row a session. */
export const WIDE_FORMATS = ['json', 'pdf', 'csv'] as const;
/** One of `WIDE_FORMATS`. */
export type WideFormat = (typeof WIDE_FORMATS)[number];
