// The one form of CSV here: RFC 4180, UTF-8.
import { stringify } from 'csv-stringify/sync';

/** A value of a cell; null leaves it empty. */
export type CsvCell = string | number | boolean | null;

/**
 * Starts as a formula does, for some spreadsheet: some pass over blanks and invisible characters in front of the sign, and
 * East Asian ones take the full-width sign.
 */
const LIKE_A_FORMULA = /^(?:[\s\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n])/u;

/**
 * Rows as CSV, with a header unless `header` is false. A text that a spreadsheet would take for a formula begins with an
 * apostrophe (OWASP, "CSV Injection"). A row that lacks a column has an empty cell there.
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
    // csv-stringify quotes the delimiter of records alone, and readers end a row at a lone CR or LF, too.
    quoted_match: /[\r\n]/,
    cast: { boolean: String, string: (text) => (LIKE_A_FORMULA.test(text) ? `'${text}` : text) },
  });
}
