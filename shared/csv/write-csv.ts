// The one form of CSV here: RFC 4180, UTF-8.
import { stringify } from 'csv-stringify/sync';

/** A value of a cell; null leaves it empty. */
export type CsvCell = string | number | boolean | null;

/**
 * Rows as CSV, with a header unless `header` is false. A cell that a spreadsheet would take for a formula begins with an
 * apostrophe. A row that lacks a column has an empty cell there.
 */
export function writeCsv(
  rows: readonly Readonly<Record<string, CsvCell | undefined>>[],
  columns: readonly string[],
  { header = true } = {},
): string {
  return stringify([...rows], {
    header,
    columns: [...columns],
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { boolean: String },
  });
}
