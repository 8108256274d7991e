import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import { showMetrics } from '../../../shared/metrics/show-metrics.ts';
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
    response: z
      .string()
      .describe(
        'Prometheus text format 0.0.4. Where METRICS_PORT gives metrics a port of their own, they are not found here.',
      ),
    errors: ['not_found'],
    handler: answerMetrics,
  }),
];

async function answerMetrics(
  { metrics, hasMetricsPort }: Pick<ApiDeps, 'metrics' | 'hasMetricsPort'>,
  ctx: ApiContext,
): Promise<void> {
  if (hasMetricsPort) throw new AppError('not_found', 'Metrics have a port of their own.');
  const { type, body } = await showMetrics(metrics.registry);
  // Before the type, which Koa would guess from the text.
  ctx.body = body;
  ctx.set('Content-Type', type);
}
