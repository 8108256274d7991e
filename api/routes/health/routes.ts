import type { ApiDeps } from '../../http/context.ts';
import { noQuery } from '../../http/no-query.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { judgePipeline } from './judge-pipeline.ts';
import { presentHealth } from './present.ts';

/** Short, so that a probe hears "unavailable" before it gives up by itself. */
const PING_DEADLINE_MS = 1_000;

export function healthRoutes(deps: ApiDeps): Route[] {
  const { pingDatabase, hasAuditKeys, pdf } = deps;
  return [
    defineRoute({
      path: '/health',
      access: 'public',
      query: noQuery,
      async handle(ctx) {
        const [databaseAnswers, pipeline] = await Promise.all([
          pingDatabase(PING_DEADLINE_MS).then(
            () => true,
            () => false,
          ),
          judgePipeline(deps, PING_DEADLINE_MS),
        ]);
        ctx.status = databaseAnswers ? 200 : 503;
        ctx.body = presentHealth({
          databaseAnswers,
          hasAuditKeys,
          pdf: pdf.state(),
          pipeline,
          uptimeS: process.uptime(),
        });
      },
    }),
    defineRoute({
      path: '/health/live',
      access: 'public',
      query: noQuery,
      handle(ctx) {
        ctx.body = { status: 'ok' };
      },
    }),
  ];
}
