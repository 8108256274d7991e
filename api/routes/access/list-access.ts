// The access record, newest first: page by page, or whole.
import { z } from 'zod';
import type { AccessQuery } from '../../../shared/access-record/access-repository.ts';
import { ACCESS_ACTIONS, type AccessRow } from '../../../shared/access-record/access-row.ts';
import { judgeRow, type RowSignature } from '../../../shared/access-record/judge-row.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import { DEFAULT_SINCE } from '../../../shared/time/time-window.ts';
import type { ApiDeps } from '../../http/context.ts';
import { type CsvColumns, eachRow } from '../../http/csv-list.ts';
import { isOtherSince, refuseOtherFilters } from '../../http/cursor-filters.ts';
import { resolveWindow } from '../../http/list-window.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import type { AccessFilters, AccessPage } from './schema.ts';

const LIST = 'access-log';

const listState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal(LIST),
  since: z.int().describe('Unix milliseconds.'),
  since_text: z.string().describe('since as the caller gave it.'),
  until: z.int().describe('Unix milliseconds.'),
  action: z.enum(ACCESS_ACTIONS).nullable(),
  user: z.string().nullable(),
  token: z.string().nullable(),
  subject: z.string().nullable(),
  after: z
    .tuple([z.int(), z.int()])
    .nullable()
    .describe('at (Unix milliseconds) and seq of the last row shown; null before the first page.'),
});

type AccessListState = z.infer<typeof listState>;
type ListDeps = Pick<ApiDeps, 'accessRows' | 'cursors'> & SignatureDeps;
/** What tells a row's signature. */
type SignatureDeps = Readonly<{ writer: Pick<ApiDeps['writer'], 'keyring'> }>;

type Shown = Readonly<{ row: AccessRow; signature: RowSignature }>;

/** A page. Throws `validation_failed` for a cursor that is not of this list, or of one with other filters. */
export async function listAccess(
  deps: ListDeps,
  accountId: string,
  query: AccessFilters,
): Promise<AccessPage> {
  const { limit } = query;
  const state = resolveAccess(deps, accountId, query);
  const rows = await deps.accessRows.list(accountId, toQuery(state, limit + 1));
  const { page, last } = cutPage(rows, limit);
  return {
    data: page.map((row) => presentAccess(judge(deps, row))),
    next_cursor: last ? deps.cursors.sign({ ...state, after: [last.at.getTime(), last.seq] }) : null,
  };
}

/** Every row from where the query says. Throws as `listAccess`, before a row is read. */
export function eachAccess(deps: ListDeps, accountId: string, query: AccessFilters): AsyncIterable<Shown> {
  const state = resolveAccess(deps, accountId, query);
  return eachRow(
    state.after,
    async (after, limit) => {
      const rows = await deps.accessRows.list(accountId, toQuery({ ...state, after }, limit));
      return rows.map((row) => judge(deps, row));
    },
    ({ row }): AccessListState['after'] => [row.at.getTime(), row.seq],
  );
}

function judge({ writer }: SignatureDeps, row: AccessRow): Shown {
  return { row, signature: judgeRow(writer.keyring, row) };
}

/** As the fields of a row in JSON. */
export const ACCESS_COLUMNS: CsvColumns<Shown> = {
  seq: ({ row }) => row.seq,
  at: ({ row }) => presentTime(row.at),
  user: ({ row }) => row.user,
  token: ({ row }) => row.token,
  account: ({ row }) => row.account,
  action: ({ row }) => row.action,
  subject: ({ row }) => row.subject,
  request_id: ({ row }) => row.requestId,
  address: ({ row }) => row.address,
  key_id: ({ row }) => row.keyId,
  key_check: ({ row }) => row.keyCheck,
  prev_hash: ({ row }) => row.prevHashHex,
  this_hash: ({ row }) => row.thisHashHex,
  signature: ({ signature }) => signature,
};

function presentAccess({ row, signature }: Shown): AccessPage['data'][number] {
  return {
    seq: row.seq,
    at: presentTime(row.at),
    user: row.user,
    token: row.token,
    account: row.account,
    action: row.action,
    subject: row.subject,
    request_id: row.requestId,
    address: row.address,
    key_id: row.keyId,
    key_check: row.keyCheck,
    prev_hash: row.prevHashHex,
    this_hash: row.thisHashHex,
    signature,
  };
}

function resolveAccess(deps: ListDeps, account: string, query: AccessFilters): AccessListState {
  if (query.cursor === undefined) return startState(account, query, new Date());
  const state = verifyCursor(deps, query.cursor, listState, { account, list: LIST });
  const { since, until, action, user, token, subject } = query;
  refuseOtherFilters({
    since: isOtherSince(since, state),
    until: until && until.getTime() !== state.until,
    action: action && action !== state.action,
    user: user && user !== state.user,
    token: token && token !== state.token,
    subject: subject && subject !== state.subject,
  });
  return state;
}

function startState(account: string, query: AccessFilters, now: Date): AccessListState {
  const since = query.since ?? DEFAULT_SINCE;
  const window = resolveWindow({ since, until: query.until }, now);
  return {
    v: 1,
    account,
    list: LIST,
    since: window.since.getTime(),
    since_text: since.text,
    until: window.until.getTime(),
    action: query.action ?? null,
    user: query.user ?? null,
    token: query.token ?? null,
    subject: query.subject ?? null,
    after: null,
  };
}

function toQuery({ after, ...state }: AccessListState, limit: number): AccessQuery {
  return {
    since: new Date(state.since),
    until: new Date(state.until),
    action: state.action,
    user: state.user,
    token: state.token,
    subject: state.subject,
    after: after && { at: new Date(after[0]), seq: after[1] },
    limit,
  };
}
