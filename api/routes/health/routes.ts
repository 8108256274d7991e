import { lookOnce } from '../../../shared/process/look-once.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';
import { judgeAccountLog } from './judge-account-log.ts';
import { judgeAuditLog } from './judge-audit-log.ts';
import { judgePipeline } from './judge-pipeline.ts';
import { presentHealth } from './present.ts';
import { type HealthResponse, healthResponse, liveResponse, readyResponse } from './schema.ts';

/** Short, so that a probe hears "unavailable" before it gives up by itself. */
const PING_DEADLINE_MS = 1_000;

export const HEALTH_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/health',
    summary: 'Shows the state of the service and of each part.',
    permission: 'public',
    params: none,
    query: none,
    kind: 'json',
    response: healthResponse,
    statuses: [200, 503],
    errors: [],
    handler: showHealth,
  }),

  defineRoute({
    method: 'get',
    path: '/health/live',
    summary: 'Shows that the process is live.',
    permission: 'public',
    params: none,
    query: none,
    kind: 'json',
    response: liveResponse,
    errors: [],
    handler: showLive,
  }),

  defineRoute({
    method: 'get',
    path: '/health/ready',
    summary: 'Shows whether to send requests to this process.',
    permission: 'public',
    params: none,
    query: none,
    kind: 'json',
    response: readyResponse,
    statuses: [200, 503],
    errors: [],
    handler: showReady,
  }),
];

async function showHealth(deps: HealthDeps, ctx: ApiContext): Promise<void> {
  const health = await readOnce(deps);
  ctx.status = health.components.db === 'ok' ? 200 : 503;
  ctx.body = health;
}

export type HealthDeps = Pick<
  ApiDeps,
  | 'indexes'
  | 'pingDatabase'
  | 'hasAuditKeys'
  | 'keyNeeds'
  | 'accountLog'
  | 'witnesses'
  | 'pdf'
  | 'pipeline'
  | 'gauges'
  | 'oldestDue'
>;

/** Anybody may ask, and each look costs the database a dozen questions. */
const readOnce = lookOnce(readHealth);

/** The state of the service and of each part, as it is found now. */
export async function readHealth(deps: HealthDeps): Promise<HealthResponse> {
  const [pinged, pipeline, auditLog, accountLog] = await Promise.all([
    Promise.allSettled([deps.pingDatabase(PING_DEADLINE_MS)]),
    judgePipeline(deps, PING_DEADLINE_MS),
    judgeAuditLog(deps, PING_DEADLINE_MS),
    judgeAccountLog(deps, PING_DEADLINE_MS),
  ]);
  const databaseAnswers = pinged[0].status === 'fulfilled';
  const pdf = deps.pdf.state();
  const indexes = deps.indexes.state();
  const uptimeS = process.uptime();
  return presentHealth({ databaseAnswers, indexes, auditLog, accountLog, pdf, pipeline, uptimeS });
}

function showLive(_deps: unknown, ctx: ApiContext): void {
  ctx.body = { status: 'ok' };
}

async function showReady(
  { isStopping, pingDatabase }: Pick<ApiDeps, 'isStopping' | 'pingDatabase'>,
  ctx: ApiContext,
): Promise<void> {
  const [pinged] = await Promise.allSettled([pingDatabase(PING_DEADLINE_MS)]);
  const status = isStopping() ? 'stopping' : pinged.status === 'fulfilled' ? 'ok' : 'unavailable';
  ctx.status = status === 'ok' ? 200 : 503;
  ctx.body = { status };
}
