// The earliest of stored times. Whoever writes to the database can leave a date there that JavaScript does not have, an array
// of dates, or two fields of one name, of which a filter reads the first and the driver the last.
import type { Collection, Document } from 'mongodb';
import { isTime } from '../time/is-time.ts';
import { LISTED_WITHIN } from './read-limit.ts';
import { readPage } from './read-page.ts';

const [FIRST, LAST] = [new Date(-8.64e15), new Date(8.64e15)];

/** One of the dates that JavaScript has, and not an array of them, which is sorted by its earliest. */
export const ONE_TIME = { $gte: FIRST, $lte: LAST, $not: { $type: 'array' as const } };

/** The value of a field in an aggregation where it is one of the dates that JavaScript has; else null, which `$min` passes over. */
export function oneTime(field: string) {
  const value = `$${field}`;
  const isWithin = [{ $gte: [value, FIRST] }, { $lte: [value, LAST] }];
  return { $cond: [{ $and: isWithin }, value, null] };
}

/** The earliest time in a field of the rows; null where no row has one. Rejects with the driver's error. */
export async function findEarliest<Row extends Document>(
  rows: Collection<Row>,
  filter: object,
  field: keyof Row & string,
): Promise<Date | null> {
  const found = rows
    .find({ ...filter, [field]: ONE_TIME } as object, { projection: { [field]: 1 }, ...LISTED_WITHIN })
    .sort({ [field]: 1 })
    .batchSize(FEW);
  const times = await readPage(found, (row) => timeOf(row[field]), 1);
  return earliestOf(times);
}

const FEW = 2;

function timeOf(value: unknown): Date | null {
  return isTime(value) ? value : null;
}

/** The earliest of what are times; null where nothing is. */
export function earliestOf(values: readonly unknown[]): Date | null {
  return values.filter(isTime).reduce<Date | null>((first, at) => (first && first <= at ? first : at), null);
}
