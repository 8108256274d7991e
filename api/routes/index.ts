import type { RouteSpec } from '../http/route-spec.ts';
import { ACCESS_ROUTES } from './access/routes.ts';
import { AGENT_ROUTES } from './agents/routes.ts';
import { AUTH_ROUTES } from './auth/routes.ts';
import { HEALTH_ROUTES } from './health/routes.ts';
import { LOG_ROUTES } from './log/routes.ts';
import { ME_ROUTES } from './me/routes.ts';
import { METRICS_ROUTES } from './metrics/routes.ts';
import { OPENAPI_ROUTES } from './openapi/routes.ts';
import { POLICY_ROUTES } from './policies/routes.ts';
import { REPORT_JOB_ROUTES } from './reports/job-routes.ts';
import { REPORT_ROUTES } from './reports/routes.ts';
import { STATEMENT_ROUTES } from './reports/statement-routes.ts';
import { SESSION_ROUTES } from './sessions/routes.ts';
import { STATS_ROUTES } from './stats/routes.ts';
import { TOKEN_ROUTES } from './tokens/routes.ts';
import { DELIVERY_ROUTES } from './webhooks/delivery-routes.ts';
import { WEBHOOK_ROUTES } from './webhooks/routes.ts';

/**
 * Every route that has a spec. The queues' dashboard has none: a package answers its pages, files and calls, and
 * `api/board` mounts it beside this table, behind the same guards.
 */
export const ROUTES: readonly RouteSpec[] = [
  ...SESSION_ROUTES,
  ...AGENT_ROUTES,
  ...POLICY_ROUTES,
  ...REPORT_ROUTES,
  // After the ledger, whose path has the form of a report's.
  ...REPORT_JOB_ROUTES,
  ...STATEMENT_ROUTES,
  ...LOG_ROUTES,
  ...STATS_ROUTES,
  ...ACCESS_ROUTES,
  ...TOKEN_ROUTES,
  ...WEBHOOK_ROUTES,
  ...DELIVERY_ROUTES,
  ...ME_ROUTES,
  ...AUTH_ROUTES,
  ...HEALTH_ROUTES,
  ...METRICS_ROUTES,
  ...OPENAPI_ROUTES,
];
