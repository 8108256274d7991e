import { type Html, type HtmlValue, html } from './html.ts';
import { type Column, dataTable, number } from './parts.ts';

/** Rows of one table. Two tables stand beside each other, and a page holds four such bands or five. */
const ROWS = 15;

/**
 * Rows in two columns: bands of two short tables, the left one first. One long table in a flow of two columns would take
 * Chromium minutes. `noun` names the rows in the captions, which count from `first`.
 */
export function bandTables(
  { columns, name, noun, first }: BandOptions,
  rows: readonly (readonly HtmlValue[])[],
): Html {
  const tableOf = (begin: number, end: number) =>
    dataTable({ caption: `${noun} ${number(first + begin)} to ${number(first + end - 1)}`, columns, name }, [
      ...rows.slice(begin, end),
    ]);
  const bands: Html[] = [];
  for (let begin = 0; begin < rows.length; begin += 2 * ROWS) {
    const end = Math.min(begin + 2 * ROWS, rows.length);
    const middle = begin + Math.ceil((end - begin) / 2);
    bands.push(html`<div class="band">
${tableOf(begin, middle)}${middle < end ? tableOf(middle, end) : html`<div></div>\n`}</div>
`);
  }
  return html`${bands}`;
}

type BandOptions = Readonly<{ columns: readonly Column[]; name: string; noun: string; first: number }>;
