import { z } from 'zod';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';

export const METRICS_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Shows the metrics of this process and of the pipeline, for Prometheus.',
    permission: 'public',
    params: none,
    query: none,
    kind: 'text',
    response: z.string().describe('Prometheus text format 0.0.4.'),
    errors: [],
    handler: showMetrics,
  }),
];

async function showMetrics({ metrics }: Pick<ApiDeps, 'metrics'>, ctx: ApiContext): Promise<void> {
  // Before the type, which Koa would guess from the text.
  ctx.body = await metrics.registry.metrics();
  ctx.set('Content-Type', metrics.registry.contentType);
}
