import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import { fileStem, type WideSubject } from '../../../shared/reports/subject.ts';
import { issueWide, type WideFormat, type WideOrder } from '../../../workers/reports/pool.ts';
import { askerOf, choosePaper } from '../../http/choose-paper.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { listAnswer, sendCsv, wantsCsv } from '../../http/csv-list.ts';
import { prefersAsync } from '../../http/prefers-async.ts';
import { noteAccess } from '../../http/record-access.ts';
import { requestSignal } from '../../http/request-signal.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { agentParams } from '../agents/schema.ts';
import { wideReportDeadline } from '../sessions/report-deadline.ts';
import { acceptReport } from './accept-report.ts';
import { reportJobResponse } from './job-schema.ts';
import { eachLedgerRow, LEDGER_COLUMNS, listLedger } from './list-ledger.ts';
import type { OrderDeps } from './order-report.ts';
import { accountSubject, agentSubject } from './report-subject.ts';
import {
  accountReportResponse,
  agentReportResponse,
  ledgerQuery,
  ledgerResponse,
  type WideReportQuery,
  wideReportQuery,
} from './schema.ts';

export const REPORT_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/reports',
    summary: 'Issues a compliance report on all sessions of the account in a window, as JSON, PDF or CSV.',
    permission: 'reports:read',
    params: none,
    query: wideReportQuery,
    kind: 'file',
    response: accountReportResponse,
    accepted: reportJobResponse,
    statuses: [200, 202],
    errors: ['report_generation_failed'],
    records: true,
    handler: sendAccountReport,
    head: headAccountReport,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/agents/{agent_id}/report',
    summary: "Issues a compliance report on an agent's sessions in a window, as JSON, PDF or CSV.",
    permission: 'reports:read',
    params: agentParams,
    query: wideReportQuery,
    kind: 'file',
    response: agentReportResponse,
    accepted: reportJobResponse,
    statuses: [200, 202],
    errors: ['agent_not_found', 'report_generation_failed'],
    records: true,
    handler: sendAgentReport,
    head: headAgentReport,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/reports/ledger',
    summary: 'Lists the reports that were issued to the account.',
    permission: 'reports:read',
    params: none,
    query: ledgerQuery,
    kind: 'file',
    response: listAnswer(ledgerResponse, LEDGER_COLUMNS),
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: [],
    handler: showLedger,
  }),
];

type WideReportDeps = OrderDeps &
  Pick<
    ApiDeps,
    | 'accounts'
    | 'agents'
    | 'pool'
    | 'ledger'
    | 'recordOutcome'
    | 'signStatement'
    | 'checkpointMemory'
    | 'metrics'
    | 'baaChainText'
    | 'reportTimeoutMs'
    | 'reportSessionsLimit'
  >;
type AccountInput = RouteInput<typeof none, typeof wideReportQuery>;
type AgentInput = RouteInput<typeof agentParams, typeof wideReportQuery>;

async function sendAccountReport(
  deps: WideReportDeps,
  ctx: ApiContext,
  { query }: AccountInput,
): Promise<void> {
  await sendReport(deps, ctx, accountSubject(query), query);
}

async function sendAgentReport(
  deps: WideReportDeps,
  ctx: ApiContext,
  { params, query }: AgentInput,
): Promise<void> {
  await sendReport(
    deps,
    ctx,
    await agentSubject(deps, ctx.state.actor.accountId, params.agent_id, query),
    query,
  );
}

async function headAccountReport(_: unknown, ctx: ApiContext, { query }: AccountInput): Promise<void> {
  setFileHeaders(ctx, accountSubject(query), query.format);
}

async function headAgentReport(
  deps: Pick<ApiDeps, 'agents'>,
  ctx: ApiContext,
  { params, query }: AgentInput,
): Promise<void> {
  setFileHeaders(
    ctx,
    await agentSubject(deps, ctx.state.actor.accountId, params.agent_id, query),
    query.format,
  );
}

async function sendReport(
  deps: WideReportDeps,
  ctx: ApiContext,
  subject: WideSubject,
  { format, exceptions, paper: asked }: WideReportQuery,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const { baaChainText, reportSessionsLimit: sessionsLimit } = deps;
  const paper = await choosePaper(deps, accountId, { format, paper: asked });
  if (prefersAsync(ctx)) return acceptReport(deps, ctx, { subject, exceptions, format, paper });
  const issuedTo = askerOf(ctx.state.actor);
  const order: WideOrder = {
    ...{ accountId, subject, exceptions, baaChainText, format, issuedTo, paper, sessionsLimit },
  };
  using place = format === 'pdf' ? deps.pdf.reserve(accountId) : null;
  const deadline = wideReportDeadline(deps);
  deadline.printer = place;
  const signal = requestSignal(ctx.res, deadline);
  const report = issueWide(deps, order, { place, signal, deadline });
  const { bytes } = await deps.metrics.timeReport(format, unlessAborted(signal, report));
  noteAccess(ctx, 'report.issue', subject.scope === 'agent' ? subject.agentId : accountId);
  setFileHeaders(ctx, subject, format);
  // Koa writes a bare Uint8Array as a JSON object of numbers.
  ctx.body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function setFileHeaders(ctx: ApiContext, subject: WideSubject, format: WideFormat): void {
  ctx.type = format;
  if (format === 'json') return;
  const name = fileStem(subject, ctx.state.actor.accountId);
  ctx.set('Content-Disposition', `attachment; filename="${name}.${format}"`);
}

async function showLedger(
  deps: Pick<ApiDeps, 'ledger' | 'cursors' | 'listTurns'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof ledgerQuery>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  if (wantsCsv(ctx, query.format)) {
    const rows = eachLedgerRow(deps, accountId, query);
    return await sendCsv(deps, ctx, { name: 'report-ledger', columns: LEDGER_COLUMNS, rows });
  }
  ctx.body = await listLedger(deps, accountId, query);
}
