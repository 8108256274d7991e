// The paper of a PDF's pages. The report does not name it: the same JSON is printed on any.

/** A4, and US Letter. */
export const PAPERS = ['a4', 'letter'] as const;
/** One of `PAPERS`. */
export type Paper = (typeof PAPERS)[number];

/** The paper where neither the request nor the account names one. */
export const DEFAULT_PAPER: Paper = 'a4';

/** Whether a stored value names a paper. */
export function isPaper(value: unknown): value is Paper {
  return (PAPERS as readonly unknown[]).includes(value);
}
