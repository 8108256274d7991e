// A list as CSV: every row of it, page after page, while it is read.
import { Readable } from 'node:stream';
import { z } from 'zod';
import { type CsvCell, writeCsv } from '../../shared/csv/write-csv.ts';
import type { ApiContext } from './context.ts';

/** The cells of a row, by the names in the header. Names and their order are for programs, and stay. */
export type CsvColumns<Row> = Readonly<Record<string, (row: Row) => CsvCell>>;

const FORMAT = 'format must be given once, json or csv.';

/** The parameter of a list that can be had as CSV. */
export const listFormat = z
  .enum(['json', 'csv'], FORMAT)
  .optional()
  .describe(
    'csv: all rows from here on, whatever limit says, RFC 4180 in UTF-8. json: a page. When left out, what Accept asks for, else json.',
  );

/** The media types of a list that can be had as CSV. */
export function listAnswer<Page extends z.ZodType>(page: Page) {
  return {
    'application/json': page,
    'text/csv': z.string().describe('RFC 4180: a header, then a row each.'),
  } as const;
}

/** Whether a request asks for CSV: by `format`, else by `Accept`. */
export function wantsCsv(
  ctx: Pick<ApiContext, 'accepts' | 'vary'>,
  format: z.output<typeof listFormat>,
): boolean {
  ctx.vary('Accept');
  if (format !== undefined) return format === 'csv';
  return ctx.accepts('application/json', 'text/csv') === 'text/csv';
}

/** Rows that are written at once. */
const ROWS_AT_ONCE = 500;

/**
 * Sends rows as a file. Waits for the first one, so that a list that cannot be read is still answered with an error; the
 * connection is cut where a later one cannot be read. HEAD reads none.
 */
export async function sendCsv<Row>(
  ctx: ApiContext,
  { name, columns, rows }: Readonly<{ name: string; columns: CsvColumns<Row>; rows: AsyncIterable<Row> }>,
): Promise<void> {
  ctx.set('Content-Disposition', `attachment; filename="${name}.csv"`);
  if (ctx.method === 'HEAD') {
    ctx.status = 200;
    ctx.type = 'text/csv; charset=utf-8';
    return;
  }
  const reading = rows[Symbol.asyncIterator]();
  const first = await reading.next();
  ctx.body = Readable.from(writeRows(first, reading, columns), { objectMode: false });
  // Koa takes a stream for octets.
  ctx.type = 'text/csv; charset=utf-8';
}

async function* writeRows<Row>(
  first: IteratorResult<Row>,
  reading: AsyncIterator<Row>,
  columns: CsvColumns<Row>,
): AsyncGenerator<string> {
  const names = Object.keys(columns);
  const cells = Object.entries(columns);
  yield writeCsv([], names);
  let batch: Record<string, CsvCell>[] = [];
  const flush = () => {
    const text = writeCsv(batch, names, { header: false });
    batch = [];
    return text;
  };
  try {
    for (let read = first; !read.done; read = await reading.next()) {
      const { value } = read;
      batch.push(Object.fromEntries(cells.map(([column, cell]) => [column, cell(value)])));
      if (batch.length === ROWS_AT_ONCE) yield flush();
    }
    if (batch.length > 0) yield flush();
  } finally {
    // A reader who leaves ends the reading of the list, too.
    await reading.return?.();
  }
}
