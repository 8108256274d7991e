import { Registry } from 'prom-client';
import { z } from 'zod';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';
import { gatherSamples, type Samples } from './gather-samples.ts';
import { writeSamples } from './write-samples.ts';

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

const gathering = new WeakMap<ApiDeps, Promise<Samples>>();

/** Anyone may ask, so those who ask at the same time share one look. */
function gather(deps: ApiDeps): Promise<Samples> {
  const running = gathering.get(deps);
  if (running) return running;
  const samples = gatherSamples(deps).finally(() => gathering.delete(deps));
  gathering.set(deps, samples);
  return samples;
}

async function showMetrics(deps: ApiDeps, ctx: ApiContext): Promise<void> {
  const registry = Registry.merge([deps.metrics.registry, writeSamples(await gather(deps))]);
  // Before the type, which Koa would guess from the text.
  ctx.body = await registry.metrics();
  ctx.set('Content-Type', registry.contentType);
}
