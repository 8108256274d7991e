import { AppError } from '../../../shared/errors.ts';
import type { ApiDeps } from '../../context.ts';
import { requestSignal, unlessAborted } from '../../request-signal.ts';
import { defineRoute, type Route } from '../../route.ts';
import { noQuery } from '../no-query.ts';
import { findSession } from './find-session.ts';
import { issueReport } from './issue-report.ts';
import { listPage } from './list-page.ts';
import { resolvePage } from './page-state.ts';
import { reportQuery, sessionsQuery } from './schema.ts';
import { streamSession } from './stream-session.ts';

export function sessionRoutes(deps: ApiDeps): Route[] {
  return [
    defineRoute({
      path: '/api/v1/sessions',
      access: 'sessions:read',
      query: sessionsQuery,
      async handle(ctx, query) {
        const { actor } = ctx.state;
        const list = { account: actor.accountId, list: 'sessions' };
        const state = resolvePage(query, list, deps.cursors, new Date());
        ctx.body = await listPage(deps, state, query.limit);
      },
    }),

    defineRoute({
      path: '/api/v1/sessions/:session_id',
      access: 'sessions:read',
      query: noQuery,
      async handle(ctx) {
        const signal = requestSignal(ctx.res);
        const session = await findSession(deps.sessions, ctx.state.actor.accountId, ctx.params.session_id);
        const page = await streamSession(deps, session, signal);
        ctx.type = 'json';
        ctx.body = page;
      },
    }),

    defineRoute({
      path: '/api/v1/sessions/:session_id/report',
      access: 'reports:read',
      query: reportQuery,
      async handle(ctx, { format }) {
        const { actor } = ctx.state;
        const signal = requestSignal(ctx.res, { afterMs: deps.reportTimeoutMs, reason: tooLate() });
        const found = findSession(deps.sessions, actor.accountId, ctx.params.session_id);
        const session = await unlessAborted(signal, found);
        if (format === 'pdf') throw new AppError('unavailable', NO_PDF);
        const json = await unlessAborted(signal, issueReport(deps, actor, session, signal));
        ctx.type = 'json';
        // Koa writes a bare Uint8Array as a JSON object of numbers.
        ctx.body = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
      },
    }),
  ];
}

const NO_PDF = 'This deployment makes no PDF: ask for format=json.';

function tooLate(): AppError {
  return new AppError(
    'report_generation_failed',
    'The report took longer than this deployment allows. Try again later.',
  );
}
