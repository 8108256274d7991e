import { Registry } from 'prom-client';
import type { ApiDeps } from '../../http/context.ts';
import { noQuery } from '../../http/no-query.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { gatherSamples, type Samples } from './gather-samples.ts';
import { writeSamples } from './write-samples.ts';

export function metricsRoutes(deps: ApiDeps): Route[] {
  let gathering: Promise<Samples> | null = null;

  /** Anyone may ask, so those who ask at the same time share one look. */
  function gather(): Promise<Samples> {
    gathering ??= gatherSamples(deps).finally(() => {
      gathering = null;
    });
    return gathering;
  }

  return [
    defineRoute({
      path: '/metrics',
      access: 'public',
      query: noQuery,
      async handle(ctx) {
        const registry = Registry.merge([deps.metrics.registry, writeSamples(await gather())]);
        // Before the type, which Koa would guess from the text.
        ctx.body = await registry.metrics();
        ctx.set('Content-Type', registry.contentType);
      },
    }),
  ];
}
