import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import { noSession, type ReportFormat } from '../../../workers/reports/pool.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { listAnswer, sendCsv, wantsCsv } from '../../http/csv-list.ts';
import { noteAccess } from '../../http/record-access.ts';
import { requestSignal } from '../../http/request-signal.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { eachSession, listSessionPage, SESSION_COLUMNS } from '../../http/session-list.ts';
import { sessionsQuery } from '../../http/session-list-query.ts';
import { resolveState } from '../../http/session-list-state.ts';
import { sessionsResponse } from '../../http/session-summary.ts';
import { assertSession } from './find-session.ts';
import { issueReport, type ReportDeps } from './issue-report.ts';
import { PROOF_ROUTES } from './proof-routes.ts';
import { reportDeadline } from './report-deadline.ts';
import { reportQuery, reportResponse, sessionParams, sessionResponse } from './schema.ts';
import { streamSession } from './stream-session.ts';
import { WRITING_ROUTES } from './writing-routes.ts';

export const SESSION_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/sessions',
    summary: 'Lists the sessions of the account.',
    permission: 'sessions:read',
    params: none,
    query: sessionsQuery,
    kind: 'file',
    response: listAnswer(sessionsResponse, SESSION_COLUMNS),
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: [],
    handler: listSessions,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/sessions/{session_id}',
    summary: 'Shows a session, its redactions and the verdict on its log.',
    permission: 'sessions:read',
    params: sessionParams,
    query: none,
    kind: 'json',
    response: sessionResponse,
    errors: ['session_not_found'],
    handler: showSession,
    head: headSession,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/sessions/{session_id}/report',
    summary: 'Issues a compliance report on a session, as JSON or as PDF.',
    permission: 'reports:read',
    params: sessionParams,
    query: reportQuery,
    kind: 'file',
    response: reportResponse,
    errors: ['session_not_found', 'report_generation_failed'],
    records: true,
    handler: sendReport,
    head: headReport,
  }),

  ...WRITING_ROUTES,
  ...PROOF_ROUTES,
];

async function listSessions(
  deps: Pick<ApiDeps, 'sessions' | 'agents' | 'cursors' | 'metrics' | 'listTurns'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof sessionsQuery>,
): Promise<void> {
  const identity = { account: ctx.state.actor.accountId, list: 'sessions' };
  const isCsv = wantsCsv(ctx, query.format);
  const state = resolveState(deps, query, identity, new Date());
  if (isCsv) {
    const rows = eachSession(deps, state);
    return await sendCsv(deps, ctx, { name: 'sessions', columns: SESSION_COLUMNS, rows });
  }
  ctx.body = await listSessionPage(deps, state, query.limit);
}

async function showSession(
  deps: Pick<ApiDeps, 'pool' | 'recordOutcome'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof sessionParams, typeof none>,
): Promise<void> {
  const { session_id: sessionId } = params;
  const page = await streamSession(deps, ctx.state.actor, sessionId, requestSignal(ctx.res));
  noteAccess(ctx, 'session.view', sessionId);
  if (page.showsPayloads) noteAccess(ctx, 'payloads.view', sessionId);
  ctx.type = 'json';
  ctx.body = page.body;
}

async function headSession(
  deps: Pick<ApiDeps, 'sessions'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof sessionParams, typeof none>,
): Promise<void> {
  await assertSession(deps, ctx.state.actor.accountId, params.session_id);
  ctx.type = 'json';
}

type ReportInput = RouteInput<typeof sessionParams, typeof reportQuery>;

async function sendReport(
  deps: ReportDeps & Pick<ApiDeps, 'reportTimeoutMs'>,
  ctx: ApiContext,
  { params, query }: ReportInput,
): Promise<void> {
  const { session_id: sessionId } = params;
  if (sessionId === null) throw noSession();
  const deadline = reportDeadline(deps);
  const signal = requestSignal(ctx.res, deadline);
  const report = issueReport(deps, ctx.state.actor, sessionId, { ...query, signal, deadline });
  const bytes = await deps.metrics.timeReport(query.format, unlessAborted(signal, report));
  noteAccess(ctx, 'report.issue', sessionId);
  setFileHeaders(ctx, sessionId, query.format);
  // Koa writes a bare Uint8Array as a JSON object of numbers.
  ctx.body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function headReport(
  deps: Pick<ApiDeps, 'sessions'>,
  ctx: ApiContext,
  { params, query }: ReportInput,
): Promise<void> {
  const sessionId = await assertSession(deps, ctx.state.actor.accountId, params.session_id);
  setFileHeaders(ctx, sessionId, query.format);
}

function setFileHeaders(ctx: ApiContext, sessionId: string, format: ReportFormat): void {
  ctx.type = format;
  if (format === 'pdf') {
    ctx.set('Content-Disposition', `attachment; filename="masker-session-${sessionId}.pdf"`);
  }
}
