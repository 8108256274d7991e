import { z } from 'zod';
import { noSession, type SessionView } from '../../../../workers/reports/pool.ts';
import type { Actor, ApiContext, ApiDeps } from '../../../http/context.ts';
import { noteAccess } from '../../../http/record-access.ts';
import { requestSignal } from '../../../http/request-signal.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { assertSession } from '../../../routes/sessions/find-session.ts';
import { sessionParams } from '../../../routes/sessions/schema.ts';
import { maySee } from '../../page/may-see.ts';
import { defineForm, definePage, type FormInput, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { findPlace } from './log-place.ts';
import { sessionView } from './session-view.ts';

const SEQ = 'from_seq must be given once, a whole number from 0.';

/** Which entries of the log the page shows. */
const entriesQuery = z.object({
  entity_kind: z.string().optional(),
  pass: z.string().optional(),
  from_seq: z
    .string(SEQ)
    .regex(/^(0|[1-9]\d{0,14})$/, SEQ)
    .transform(Number)
    .optional(),
});

/** Entries on a page: as many as a browser lays out at once without a pause. */
const ENTRIES_SHOWN = 200;

export const SESSION_PAGE = definePage({
  path: '/sessions/{session_id}',
  summary: 'Shows a session, the verdict on its log, and its entries.',
  permission: 'sessions:read',
  params: sessionParams,
  query: entriesQuery,
  errors: ['session_not_found'],
  async show(deps, ctx, { params, query }: RouteInput<typeof sessionParams, typeof entriesQuery>) {
    return await showSession(deps, ctx, params.session_id, query);
  },
  find: (deps, ctx, { params }) => assertSession(deps, ctx.state.actor.accountId, params.session_id),
});

export const VERIFY_FORM = defineForm({
  path: '/sessions/{session_id}/verify',
  summary: 'Walks the log of a session and says what was checked.',
  permission: 'sessions:read',
  params: sessionParams,
  fields: none,
  errors: ['session_not_found'],
  async submit(deps, ctx, { params }: FormInput<typeof sessionParams, typeof none>) {
    return await showSession(deps, ctx, params.session_id, {});
  },
});

/** Every view walks the log: a verdict on a page is never older than the page. */
async function showSession(
  deps: Pick<ApiDeps, 'accountLog' | 'pool' | 'recordOutcome'>,
  ctx: ApiContext,
  sessionId: string | null,
  query: z.output<typeof entriesQuery>,
): Promise<PageContent> {
  const { actor } = ctx.state;
  const view = sessionId === null ? null : await viewOf(deps, ctx, actor, sessionId, query);
  if (!view) throw noSession();
  await deps.recordOutcome(view.found, view.verdict);
  const { session } = view.found;
  noteAccess(ctx, 'session.view', session.id);
  if (view.payloads !== null) noteAccess(ctx, 'payloads.view', session.id);
  const place = maySee(actor, 'log:read') ? await findPlace(deps, session, view.verdict) : null;
  return {
    title: `Session ${session.id}`,
    main: await sessionView(view, { ...query, actor, place, timeZone: timeZoneOf(ctx), at: new Date() }),
  };
}

async function viewOf(
  { pool }: Pick<ApiDeps, 'pool'>,
  ctx: ApiContext,
  actor: Actor,
  sessionId: string,
  { entity_kind, pass, from_seq = 0 }: z.output<typeof entriesQuery>,
): Promise<SessionView | null> {
  const order = {
    log: { accountId: actor.accountId, sessionId },
    withPayloads: maySee(actor, 'payloads:read'),
    filter: { entityKind: entity_kind ?? null, pass: pass ?? null },
    fromSeq: from_seq,
    limit: ENTRIES_SHOWN,
  };
  return await pool.viewSession(order, { signal: requestSignal(ctx.res) });
}
