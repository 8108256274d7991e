// The charts of a window of time, for the account or one agent.
import type { Bucket } from '../../../shared/time/local-buckets.ts';
import type { BucketCount } from '../../routes/stats/count-redactions.ts';
import { type Html, html } from '../markup/html.ts';
import { barChart } from './bar-chart.ts';
import { toSeries } from './series.ts';

export type CountedWindow = Readonly<{
  /** Counted by kind. */
  buckets: readonly BucketCount[];
  bucket: Bucket;
  timeZone: string;
  /** Such as `last 7 days`. */
  words: string;
}>;

export async function redactionChart({ buckets, bucket, timeZone, words }: CountedWindow): Promise<Html> {
  const series = toSeries(buckets.map(({ redactions }) => redactions));
  if (series.length === 0) return html`<p>Nothing was redacted in the ${words}.</p>`;
  const name = `Redactions by kind and ${bucket}, ${words}`;
  return barChart({ id: 'redactions', name, bucket, timeZone, buckets, series });
}

export async function sessionChart({ buckets, bucket, timeZone, words }: CountedWindow): Promise<Html> {
  const counts = buckets.map(({ sessionCount }) => sessionCount);
  if (counts.every((count) => count === 0)) return html`<p>No session of the ${words} has ended.</p>`;
  const name = `Sessions by ${bucket}, ${words}`;
  const series = [{ name: 'Sessions', counts }];
  return barChart({ id: 'sessions', name, bucket, timeZone, buckets, series });
}
