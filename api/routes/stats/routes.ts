import type { ApiDeps } from '../../http/context.ts';
import { requestSignal } from '../../http/request-signal.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { countRedactions } from './count-redactions.ts';
import { presentCount } from './present.ts';
import { redactionStatsQuery } from './schema.ts';

export function statsRoutes(deps: ApiDeps): Route[] {
  return [
    defineRoute({
      path: '/api/v1/stats/redactions',
      access: 'sessions:read',
      query: redactionStatsQuery,
      async handle(ctx, query) {
        const { accountId } = ctx.state.actor;
        const signal = requestSignal(ctx.res);
        const counts = await countRedactions(deps, accountId, query, new Date(), signal);
        ctx.body = { data: counts.map(presentCount) };
      },
    }),
  ];
}
