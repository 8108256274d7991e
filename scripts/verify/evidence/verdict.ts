// Verdicts on the evidence that a file carries, an axis each.

export const EVIDENCE_AXES = [
  'bytes',
  'statement',
  'entries',
  'completeness',
  'log',
  'witnesses',
  'pages',
  'macs',
] as const;
export type EvidenceAxis = (typeof EVIDENCE_AXES)[number];

export type Verdict = Readonly<{
  verdict: 'verified' | 'failed' | 'not checked';
  /** What holds, what is wrong, or why nothing was checked. */
  detail: string;
}>;

export type Verdicts = Readonly<Record<EvidenceAxis, Verdict>>;

/** Ends a check before its end. */
class Outcome extends Error {
  readonly verdict: 'failed' | 'not checked';

  constructor(verdict: 'failed' | 'not checked', detail: string) {
    super(detail);
    this.verdict = verdict;
  }
}

/**
 * Why the log's entries are not enough for a report over many sessions: they say nothing of redactions, of open sessions, or
 * of one that was left out.
 */
export const NO_STATEMENT =
  'it agrees with itself, but only a statement says which sessions and figures were reported';

/** Ends a check that found something wrong. */
export function wrong(detail: string): never {
  throw new Outcome('failed', detail);
}

/** Ends a check that cannot be made. */
export function unchecked(detail: string): never {
  throw new Outcome('not checked', detail);
}

/** The verdict of a check that gives its detail at its end. */
export function judge(check: () => string): Verdict {
  try {
    return { verdict: 'verified', detail: check() };
  } catch (error) {
    if (error instanceof Outcome) return { verdict: error.verdict, detail: error.message };
    throw error;
  }
}

/** The result of a reading; null where it found something wrong, which another axis tells. */
export function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Outcome) return null;
    throw error;
  }
}

export const holds = ({ verdict }: Verdict): boolean => verdict === 'verified';
export const hasFailed = ({ verdict }: Verdict): boolean => verdict === 'failed';
