import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { listAnswer, sendCsv, wantsCsv } from '../../http/csv-list.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { ACCESS_COLUMNS, eachAccess, listAccess } from './list-access.ts';
import { accessQuery, accessResponse } from './schema.ts';

export const ACCESS_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/access-log',
    summary: 'Lists who looked at what, signed in, made tokens and acted as an operator.',
    permission: 'access:read',
    params: none,
    query: accessQuery,
    kind: 'file',
    response: listAnswer(accessResponse, ACCESS_COLUMNS),
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: [],
    handler: showAccess,
  }),
];

async function showAccess(
  deps: Pick<ApiDeps, 'accessRows' | 'cursors' | 'writer' | 'listTurns'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof accessQuery>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  if (wantsCsv(ctx, query.format)) {
    const rows = eachAccess(deps, accountId, query);
    return await sendCsv(deps, ctx, { name: 'access-log', columns: ACCESS_COLUMNS, rows });
  }
  ctx.body = await listAccess(deps, accountId, query);
}
