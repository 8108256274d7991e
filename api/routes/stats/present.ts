import { presentTime } from '../../../shared/time/present-time.ts';
import type { CsvColumns } from '../../http/csv-list.ts';
import type { RedactionCountResponse } from './schema.ts';

export type RedactionCount = Readonly<{ start: Date; end: Date; key: string | null; count: number }>;

export function presentCount({ start, end, key, count }: RedactionCount): RedactionCountResponse {
  return { start: presentTime(start), end: presentTime(end), key, count };
}

/** As the API presents them, each as it is written: the rows of a CSV are not all made beforehand. */
export async function* eachCount(counts: readonly RedactionCount[]): AsyncGenerator<RedactionCountResponse> {
  for (const count of counts) yield presentCount(count);
}

/** As the fields of a row in JSON. */
export const COUNT_COLUMNS: CsvColumns<RedactionCountResponse> = {
  start: (row) => row.start,
  end: (row) => row.end,
  key: (row) => row.key,
  count: (row) => row.count,
};
