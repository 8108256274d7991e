// Keyset paging, for every list: a page's answer, where a page ends, and whose cursor continues which list.
import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiDeps } from './context.ts';

/** Which list is asked for, and whose. Every cursor states it. */
export type ListIdentity = Readonly<{ account: string; list: string }>;

/** Stands for a cursor in examples. */
export const EXAMPLE_CURSOR = 'eyJhY2NvdW50IjoiYWNjXzAxS1FH.q83vEjRWeJq83vEjRWeJqw';

/** The schema of a page. `order` says which row comes first. */
export function pageResponse<Row extends z.ZodType>(row: Row, order: string) {
  return z.strictObject({
    data: z.array(row).describe(order),
    next_cursor: z
      .string()
      .nullable()
      .describe('Cursor of the next page; null on the last page.')
      .meta({ examples: [EXAMPLE_CURSOR] }),
  });
}

/**
 * Cuts the rows of a page, read with a limit of one more than the page holds: the row too many tells that there is
 * another page. `last` is the row that the next page continues after; undefined on the last page.
 */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
): { page: readonly Row[]; last: Row | undefined } {
  const page = rows.slice(0, limit);
  return { page, last: rows.length > limit ? page.at(-1) : undefined };
}

/** The state in a cursor. Throws `validation_failed` for text that is not a cursor of this list and this account. */
export function verifyCursor<State extends ListIdentity>(
  { cursors }: Pick<ApiDeps, 'cursors'>,
  text: string,
  schema: z.ZodType<State>,
  { account, list }: ListIdentity,
): State {
  const { data: state } = schema.safeParse(cursors.verify(text));
  if (state?.account === account && state.list === list) return state;
  throw new AppError('validation_failed', 'cursor was not issued by this list.', { param: 'cursor' });
}
