import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { listAnswer, sendCsv, wantsCsv } from '../../http/csv-list.ts';
import { requestSignal } from '../../http/request-signal.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { countRedactions } from './count-redactions.ts';
import { COUNT_COLUMNS, eachCount, presentCount } from './present.ts';
import { redactionStatsQuery, redactionStatsResponse } from './schema.ts';

export const STATS_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/stats/redactions',
    summary: 'Counts redactions by hour or day, and by kind, pass or agent.',
    permission: 'sessions:read',
    params: none,
    query: redactionStatsQuery,
    kind: 'file',
    response: listAnswer(redactionStatsResponse, COUNT_COLUMNS),
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: [],
    handler: showRedactions,
  }),
];

async function showRedactions(
  deps: Pick<ApiDeps, 'hours' | 'sessionSums' | 'listTurns'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof redactionStatsQuery>,
): Promise<void> {
  const isCsv = wantsCsv(ctx, query.format);
  const signal = requestSignal(ctx.res);
  const counts = await countRedactions(deps, ctx.state.actor.accountId, query, { now: new Date(), signal });
  if (isCsv) {
    return await sendCsv(deps, ctx, { name: 'redactions', columns: COUNT_COLUMNS, rows: eachCount(counts) });
  }
  ctx.body = { data: counts.map(presentCount) };
}
