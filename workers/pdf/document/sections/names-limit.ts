import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { NAMES_LIMIT } from '../markup/parts.ts';

/** With the limits of the other tables, the pages on 10,000 sessions stay within 40. */
const WIDE_LIMIT = 25;

/** Rows of a table of names that logs hold; the attached JSON holds all. */
export function namesLimit({ scope }: AnyReport): number {
  return scope === 'session' ? NAMES_LIMIT : WIDE_LIMIT;
}
