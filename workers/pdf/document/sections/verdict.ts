// What the first page and the summary both say, each in its own length.
import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { status } from '../markup/parts.ts';
import type { Alert } from './alerts.ts';

/** The alerts by their names: the summary has the details. */
export function alertStatus(alerts: readonly Alert[]): Html {
  if (alerts.length === 0) return status('None.', 'good');
  return status(html`${alerts.length}: ${alerts.map(({ what }) => what).join('; ')}.`, 'bad');
}

/** The coverage as a fraction. */
export function coverageOf(report: AnyReport): string {
  const { full, applicable } = countCoverage(report);
  return `${full} of ${applicable} applicable identifiers fully covered`;
}

export type CoverageCounts = Readonly<Record<'full' | 'partial' | 'none' | 'applicable', number>>;

/** How many applicable identifiers have which status. */
export function countCoverage({ safe_harbor_detail: { identifiers } }: AnyReport): CoverageCounts {
  const applicable = identifiers.filter((identifier) => identifier.applicable);
  const withStatus = (wanted: string) => applicable.filter(({ status }) => status === wanted).length;
  return {
    full: withStatus('full'),
    partial: withStatus('partial'),
    none: withStatus('none'),
    applicable: applicable.length,
  };
}
