// The ledger: the reports that were issued to an account, newest first, page by page or whole.
import { z } from 'zod';
import type { LedgerEntry } from '../../../shared/reports/report-row.ts';
import type { ApiDeps } from '../../http/context.ts';
import { type CsvColumns, eachRow } from '../../http/csv-list.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import { presentLedgerRow } from './present-ledger-row.ts';
import type { LedgerRow, ledgerResponse } from './schema.ts';

const LIST = 'reports/ledger';

const cursorState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal(LIST),
  after: z
    .tuple([z.int(), z.string()])
    .describe('generated_at (Unix milliseconds) and id of the last row shown.'),
});

type ListDeps = Pick<ApiDeps, 'ledger' | 'cursors'>;
type Place = z.infer<typeof cursorState>['after'] | null;

export async function listLedger(
  deps: ListDeps,
  accountId: string,
  { limit, cursor }: Readonly<{ limit: number; cursor?: string | undefined }>,
): Promise<z.infer<typeof ledgerResponse>> {
  const rows = await readBehind(deps, accountId, readPlace(deps, accountId, cursor), limit + 1);
  const { page, last } = cutPage(rows, limit);
  return {
    data: page.map(presentLedgerRow),
    next_cursor: last
      ? deps.cursors.sign({
          v: 1,
          account: accountId,
          list: LIST,
          after: [last.generatedAt.getTime(), last.id],
        })
      : null,
  };
}

/** Every row from where the cursor says. Throws as `listLedger`, before a row is read. */
export function eachLedgerRow(
  deps: ListDeps,
  accountId: string,
  { cursor }: Readonly<{ cursor?: string | undefined }>,
): AsyncIterable<LedgerRow> {
  return eachRow(
    readPlace(deps, accountId, cursor),
    async (after, limit) => (await readBehind(deps, accountId, after, limit)).map(presentLedgerRow),
    ({ id, generated_at: generatedAt }): Place => [Date.parse(generatedAt), id],
  );
}

/** As the fields of a row in JSON. */
export const LEDGER_COLUMNS: CsvColumns<LedgerRow> = {
  id: (row) => row.id,
  scope: (row) => row.scope,
  session_id: (row) => row.session_id,
  agent_id: (row) => row.agent_id,
  since: (row) => row.since,
  until: (row) => row.until,
  merkle_root_hex: (row) => row.merkle_root_hex,
  entries: (row) => row.entries,
  log_state: (row) => row.log_state,
  generated_at: (row) => row.generated_at,
  user_id: (row) => row.user_id,
  json_sha256: (row) => row.json_sha256,
  pdf_sha256: (row) => row.pdf_sha256,
  csv_sha256: (row) => row.csv_sha256,
  format: (row) => row.format,
  statement: (row) => row.statement,
  log_index: (row) => row.log_index,
  proof: (row) => row.proof,
};

function readPlace(deps: ListDeps, account: string, cursor: string | undefined): Place {
  return cursor === undefined ? null : verifyCursor(deps, cursor, cursorState, { account, list: LIST }).after;
}

function readBehind(
  { ledger }: ListDeps,
  accountId: string,
  place: Place,
  limit: number,
): Promise<LedgerEntry[]> {
  const after = place && { generatedAt: new Date(place[0]), id: place[1] };
  return ledger.list(accountId, { after, limit });
}
