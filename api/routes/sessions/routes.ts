import type { ApiDeps } from '../../http/context.ts';
import { noQuery } from '../../http/no-query.ts';
import { requestSignal, unlessAborted } from '../../http/request-signal.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { listSessionPage } from '../../http/session-list.ts';
import { sessionsQuery } from '../../http/session-list-query.ts';
import { resolveState } from '../../http/session-list-state.ts';
import { findSession, readSessionId } from './find-session.ts';
import { makeReport } from './make-report.ts';
import { reportDeadline } from './report-deadline.ts';
import { reportQuery } from './schema.ts';
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
        const state = resolveState(deps, query, list, new Date());
        ctx.body = await listSessionPage(deps, state, query.limit);
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
        const sessionId = readSessionId(ctx.params.session_id);
        const deadline = reportDeadline(deps);
        const signal = requestSignal(ctx.res, deadline);
        const report = makeReport(deps, actor, sessionId, { format, signal, deadline });
        const bytes = await deps.metrics.timeReport(format, unlessAborted(signal, report));
        ctx.type = format;
        if (format === 'pdf') ctx.set('Content-Disposition', nameAttachment(sessionId));
        // Koa writes a bare Uint8Array as a JSON object of numbers.
        ctx.body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      },
    }),
  ];
}

function nameAttachment(sessionId: string): string {
  return `attachment; filename="masker-session-${sessionId}.pdf"`;
}
