// What an outsider checks a report by: the statement that a key of the log has signed, and the proof that the log has it.
import { AppError } from '../../../shared/errors/app-error.ts';
import { entryTextOf, readReportIssued } from '../../../shared/reports/stated-entry.ts';
import { findReportEntry } from '../../../shared/transparency/find-entries.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { assertLog, findNamed, whyNotLogged } from '../log/find-log.ts';
import { proofTextOf } from '../log/proof-text.ts';
import { findIssued } from './find-job.ts';
import { reportJobParams, reportProofResponse, statementResponse } from './job-schema.ts';
import { contradicted } from './logged-otherwise.ts';

export const STATEMENT_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/reports/{report_id}/statement',
    summary: 'Sends the signed statement of a report.',
    permission: 'log:read',
    params: reportJobParams,
    query: none,
    kind: 'text',
    headers: ['Content-Disposition'],
    response: statementResponse,
    errors: ['report_not_found', 'not_found'],
    handler: sendStatement,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/reports/{report_id}/proof',
    summary: "Proves that a report stands in the account's log.",
    permission: 'log:read',
    params: reportJobParams,
    query: none,
    kind: 'text',
    headers: ['Content-Disposition'],
    response: reportProofResponse,
    errors: ['report_not_found', 'not_logged_yet', 'report_generation_failed'],
    handler: sendProof,
  }),
];

type Input = RouteInput<typeof reportJobParams, typeof none>;

async function sendStatement(
  deps: Pick<ApiDeps, 'ledger' | 'reportJobs'>,
  ctx: ApiContext,
  { params }: Input,
): Promise<void> {
  const { id, statement } = await findIssued(deps, ctx.state.actor.accountId, params.report_id);
  if (statement === null) throw new AppError('not_found', 'The report was issued without a statement.');
  noteAccess(ctx, 'proof.read', id);
  ctx.type = 'text/plain; charset=utf-8';
  ctx.set('Content-Disposition', `attachment; filename="${id}.note"`);
  ctx.body = statement;
}

async function sendProof(
  deps: Pick<ApiDeps, 'ledger' | 'reportJobs' | 'accountLog'>,
  ctx: ApiContext,
  { params }: Input,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const log = assertLog(deps);
  const issued = await findIssued(deps, accountId, params.report_id);
  const { id, logIndex } = issued;
  const readOwn = (text: string, index: number) => {
    const entry = readReportIssued(text, { accountId, reportId: id });
    if (entry && text !== entryTextOf(accountId, issued)) throw contradicted(id, index);
    return entry;
  };
  const search = () => findReportEntry(log.reader, accountId, id);
  const logged = await findNamed(log, accountId, { id, index: logIndex }, readOwn, search);
  if (!logged) throw await whyNotLogged(log, accountId);
  noteAccess(ctx, 'proof.read', id);
  ctx.type = 'text/plain; charset=utf-8';
  ctx.set('Content-Disposition', `attachment; filename="${id}.tlog-proof"`);
  ctx.body = proofTextOf(logged);
}
