import type { ApiDeps } from '../http/context.ts';
import type { Route } from '../http/route.ts';
import { agentRoutes } from './agents/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { meRoutes } from './me/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { statsRoutes } from './stats/routes.ts';

/** Everything that is served. */
export function listRoutes(deps: ApiDeps): readonly Route[] {
  return [
    ...sessionRoutes(deps),
    ...agentRoutes(deps),
    ...statsRoutes(deps),
    ...meRoutes(deps),
    ...healthRoutes(deps),
    ...metricsRoutes(deps),
  ];
}
