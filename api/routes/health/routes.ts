import type { ApiDeps } from '../../context.ts';
import { defineRoute, type Route } from '../../route.ts';
import { noQuery } from '../no-query.ts';
import { presentHealth } from './present.ts';

/** Short, so that a probe hears "unavailable" before it gives up by itself. */
const PING_DEADLINE_MS = 1_000;

export function healthRoutes({ pingDatabase, hasAuditKeys, pdf }: ApiDeps): Route[] {
  return [
    defineRoute({
      path: '/health',
      access: 'public',
      query: noQuery,
      async handle(ctx) {
        const databaseAnswers = await pingDatabase(PING_DEADLINE_MS).then(
          () => true,
          () => false,
        );
        ctx.status = databaseAnswers ? 200 : 503;
        ctx.body = presentHealth({
          databaseAnswers,
          hasAuditKeys,
          pdf: pdf.state(),
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
