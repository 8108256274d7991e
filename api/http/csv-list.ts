// A list as CSV: every row of it, page after page, while it is read.
import { Readable } from 'node:stream';
import { z } from 'zod';
import { type CsvCell, writeCsv } from '../../shared/csv/write-csv.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { stopSignal } from './connections.ts';
import type { ApiContext, ApiDeps } from './context.ts';
import { noteAccess } from './record-access.ts';

/** The cells of a row, by the names in the header. Names and their order are for programs, and stay. */
export type CsvColumns<Row> = Readonly<Record<string, (row: Row) => CsvCell>>;

const FORMAT = 'format must be given once, json or csv.';

/** The parameter of a list that can be had as CSV. */
export const listFormat = z
  .enum(['json', 'csv'], FORMAT)
  .optional()
  .describe(
    'csv: all rows, from cursor on where it is given, RFC 4180 in UTF-8; it takes no limit. json: a page. When left out, what Accept asks for, else json.',
  );

/** The media types of a list that can be had as CSV. */
export function listAnswer<Page extends z.ZodType, Row>(page: Page, columns: CsvColumns<Row>) {
  const header = Object.keys(columns).join(',');
  return {
    'application/json': page,
    'text/csv': z
      .string()
      .describe(`RFC 4180 in UTF-8 without a byte order mark: the header ${header}, then a row each.`),
  } as const;
}

/**
 * Whether a request asks for CSV: by `format`, else by `Accept`. Throws `validation_failed` for CSV with a limit: a caller
 * who asks for ten rows expects ten, and would get all.
 */
export function wantsCsv(
  ctx: Pick<ApiContext, 'accepts' | 'vary' | 'query'>,
  format: z.output<typeof listFormat>,
): boolean {
  ctx.vary('Accept');
  const isWanted =
    format === undefined ? ctx.accepts('application/json', 'text/csv') === 'text/csv' : format === 'csv';
  if (isWanted && ctx.query.limit !== undefined) {
    throw new AppError(
      'validation_failed',
      'CSV has all rows and takes no limit: leave limit out, or take format=json.',
      {
        param: 'limit',
      },
    );
  }
  return isWanted;
}

/** Rows that are read at once: a few hundred kilobytes. */
const READ_AT_ONCE = 2_000;

/**
 * Every row of a list behind a place, read page after page. `read` gives the rows behind a place, and fewer than it is asked
 * for at the end of the list alone.
 */
export async function* eachRow<Row, Place>(
  start: Place,
  read: (after: Place, limit: number) => Promise<readonly Row[]>,
  placeOf: (row: Row) => Place,
): AsyncGenerator<Row> {
  for (let after = start; ; ) {
    const rows = await read(after, READ_AT_ONCE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < READ_AT_ONCE) return;
    after = placeOf(last);
  }
}

/** Rows that are written at once. */
const ROWS_AT_ONCE = 500;

/**
 * Sends rows as a file. Waits for the first one, so that a list that cannot be read is still answered with an error. The
 * connection is cut where a later one cannot be read, and when the server stops: a list that breaks off must not look whole.
 * HEAD reads none. `name` holds ids at most.
 */
export async function sendCsv<Row>(
  { listTurns }: Pick<ApiDeps, 'listTurns'>,
  ctx: ApiContext,
  { name, columns, rows }: Readonly<{ name: string; columns: CsvColumns<Row>; rows: AsyncIterable<Row> }>,
): Promise<void> {
  const reading = rows[Symbol.asyncIterator]();
  if (ctx.method === 'HEAD') {
    ctx.status = 200;
  } else {
    const first = await reading.next();
    const stop = stopSignal(ctx.res);
    const { accountId } = ctx.state.actor;
    const inTurn: InTurn = (work) => listTurns.goOn(accountId, work);
    // A page of a list leaves no row: a whole list leaves the service.
    noteAccess(ctx, 'list.export', name);
    ctx.body = Readable.from(writeRows(first, reading, { columns, inTurn, stop }), { objectMode: false });
  }
  // Not before a row is read: an error would be kept under the name of the list. Koa takes a stream for octets.
  ctx.set('Content-Disposition', `attachment; filename="${name}.csv"`);
  ctx.type = 'text/csv; charset=utf-8';
}

type InTurn = (work: () => Promise<string>) => Promise<string>;

async function* writeRows<Row>(
  first: IteratorResult<Row>,
  reading: AsyncIterator<Row>,
  { columns, inTurn, stop }: Readonly<{ columns: CsvColumns<Row>; inTurn: InTurn; stop: AbortSignal }>,
): AsyncGenerator<string> {
  const names = Object.keys(columns);
  const cells = Object.entries(columns);
  let read = first;
  const writeSome = async () => {
    const batch: Record<string, CsvCell>[] = [];
    for (; !read.done && batch.length < ROWS_AT_ONCE; read = await reading.next()) {
      const { value } = read;
      batch.push(Object.fromEntries(cells.map(([column, cell]) => [column, cell(value)])));
    }
    return writeCsv(batch, names, { header: false });
  };
  yield writeCsv([], names);
  try {
    // Not the whole list in one turn: its reader may take any time between two parts.
    while (!read.done) {
      yield await inTurn(writeSome);
      stop.throwIfAborted();
    }
  } finally {
    // A reader who leaves ends the reading of the list, too.
    await reading.return?.();
  }
}
