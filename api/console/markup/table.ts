import { type Html, type HtmlValue, html, nothing } from './html.ts';

/** A column: its heading, how a row's cell reads, and whether it holds numbers, running text, or names that others chose. */
export type Column<Row> = Readonly<{
  heading: string;
  cell: (row: Row) => HtmlValue;
  holds?: 'number' | 'text' | 'name';
}>;

export type TableOptions = Readonly<{
  caption: string;
  /** What stands in place of a table without rows. */
  empty: HtmlValue;
}>;

/** A table that scrolls by itself on a narrow screen. Its first column names the row. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { caption, empty }: TableOptions,
): Html {
  if (rows.length === 0) return html`<p>${empty}</p>`;
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ heading, holds }) => html`<th scope="col"${classOf(holds)}>${heading}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${columns.map((column, i) => cell(column, row, i))}</tr>\n`)}</tbody>
</table></div>`;
}

function cell<Row>({ cell: read, holds }: Column<Row>, row: Row, index: number): Html {
  const value = read(row);
  return index === 0
    ? html`<th scope="row"${classOf(holds)}>${value}</th>`
    : html`<td${classOf(holds)}>${value}</td>`;
}

function classOf(holds: Column<unknown>['holds']): Html {
  return holds === undefined ? nothing : html` class="${holds}"`;
}
