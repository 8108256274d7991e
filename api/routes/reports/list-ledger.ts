// A page of the ledger: the reports that were issued to an account, newest first.
import { z } from 'zod';
import type { ApiDeps } from '../../http/context.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import { presentLedgerRow } from './present-ledger-row.ts';
import type { ledgerResponse } from './schema.ts';

const cursorState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal('reports/ledger'),
  after: z
    .tuple([z.int(), z.string()])
    .describe('generated_at (Unix milliseconds) and id of the last row shown.'),
});

export async function listLedger(
  deps: Pick<ApiDeps, 'ledger' | 'cursors'>,
  accountId: string,
  { limit, cursor }: Readonly<{ limit: number; cursor?: string | undefined }>,
): Promise<z.infer<typeof ledgerResponse>> {
  const identity = { account: accountId, list: 'reports/ledger' } as const;
  const state = cursor === undefined ? null : verifyCursor(deps, cursor, cursorState, identity);
  const after = state && { generatedAt: new Date(state.after[0]), id: state.after[1] };
  const rows = await deps.ledger.list(accountId, { after, limit: limit + 1 });
  const { page, last } = cutPage(rows, limit);
  return {
    data: page.map(presentLedgerRow),
    next_cursor: last
      ? deps.cursors.sign({ v: 1, ...identity, after: [last.generatedAt.getTime(), last.id] })
      : null,
  };
}
