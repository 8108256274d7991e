import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { findJob, noJob, noReport } from './find-job.ts';
import { reportContentResponse, reportJobParams, reportResponse } from './job-schema.ts';
import { presentJob } from './present-job.ts';
import { presentLedgerRow } from './present-ledger-row.ts';
import { type ContentDeps, sendContent, sendContentHeaders } from './send-content.ts';

/** Reports that are made in the background: `acceptReport` takes the orders. */
export const REPORT_JOB_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/reports/{report_id}',
    summary:
      'Shows what the ledger says of a report, and how far one is that was ordered for the background.',
    permission: 'reports:read',
    params: reportJobParams,
    query: none,
    kind: 'json',
    response: reportResponse,
    errors: ['report_not_found'],
    handler: showJob,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/reports/{report_id}/content',
    summary: 'Sends the bytes of a report that was made in the background, whole or a range.',
    permission: 'reports:read',
    params: reportJobParams,
    query: none,
    kind: 'file',
    response: reportContentResponse,
    statuses: [200, 206],
    headers: ['Accept-Ranges', 'ETag', 'Content-Digest', 'Repr-Digest'],
    errors: [
      'report_not_found',
      'report_not_ready',
      'report_expired',
      'range_not_satisfiable',
      'report_generation_failed',
    ],
    records: true,
    handler: showContent,
    head: headContent,
  }),

  defineRoute({
    method: 'delete',
    path: '/api/v1/reports/{report_id}',
    summary: 'Cancels a report in the background, or removes its bytes; the ledger keeps it.',
    // Whoever may order reports may cancel them.
    permission: 'reports:read',
    params: reportJobParams,
    query: none,
    kind: 'empty',
    statuses: [204],
    errors: ['report_not_found'],
    handler: cancelJob,
  }),
];

type JobInput = RouteInput<typeof reportJobParams, typeof none>;

async function showJob(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger'>,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const { report_id: id } = params;
  const [job, issued] = id
    ? await Promise.all([deps.reportJobs.find(accountId, id), deps.ledger.find(accountId, id)])
    : [];
  const ledger = issued ? presentLedgerRow(issued) : null;
  if (job) ctx.body = { ...presentJob(job, new Date()), ledger };
  else if (id && ledger) ctx.body = { id, status: 'issued', ledger };
  else throw noReport();
}

async function showContent(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger'> & ContentDeps,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<void> {
  const job = await findJob(deps, ctx.state.actor.accountId, params.report_id);
  await sendContent(deps, ctx, job);
  noteAccess(ctx, 'report.read', job.id);
}

async function headContent(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger'> & ContentDeps,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<void> {
  await sendContentHeaders(deps, ctx, await findJob(deps, ctx.state.actor.accountId, params.report_id));
}

async function cancelJob(
  { reportJobs, reportFiles, ledger }: Pick<ApiDeps, 'reportJobs' | 'reportFiles' | 'ledger'>,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const { report_id: id } = params;
  if (id === null || !(await reportJobs.cancel(accountId, id, new Date()))) {
    throw await noJob({ ledger }, accountId, id);
  }
  await reportFiles.removeAll(accountId, id);
  noteAccess(ctx, 'report.delete', id);
  ctx.status = 204;
}
