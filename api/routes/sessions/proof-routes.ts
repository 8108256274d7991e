// Proofs about a session that an outsider checks alone: its entry in the account log, and entries of its audit log.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { proofTextOf } from '../log/proof-text.ts';
import { type ClosedSession, findClosed } from './closed-session.ts';
import { sendPack, setPackHeaders } from './evidence-pack.ts';
import {
  eventParams,
  eventProofResponse,
  packResponse,
  proofResponse,
  rangeProofResponse,
  stretchQuery,
} from './proof-schema.ts';
import { proveOrFail } from './prove-or-fail.ts';
import { sessionParams } from './schema.ts';

export const PROOF_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/sessions/{session_id}/proof',
    summary: "Proves that a closed session stands in the account's log.",
    permission: 'log:read',
    params: sessionParams,
    query: none,
    kind: 'text',
    headers: ['Content-Disposition'],
    response: proofResponse,
    errors: ['session_not_found', 'not_logged_yet', 'report_generation_failed'],
    handler: sendProof,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/sessions/{session_id}/events/proof',
    summary: 'Proves a stretch of entries, and that nothing between them is left out.',
    permission: 'log:read',
    params: sessionParams,
    query: stretchQuery,
    kind: 'json',
    headers: ['Content-Disposition'],
    response: rangeProofResponse,
    errors: ['session_not_found', 'not_logged_yet', 'report_generation_failed'],
    handler: sendStretch,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/sessions/{session_id}/events/{seq}/proof',
    summary: "Proves one entry of a session's audit log.",
    permission: 'log:read',
    params: eventParams,
    query: none,
    kind: 'json',
    headers: ['Content-Disposition'],
    response: eventProofResponse,
    errors: ['session_not_found', 'not_found', 'not_logged_yet', 'report_generation_failed'],
    handler: sendEvent,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/sessions/{session_id}/evidence',
    summary: 'Sends everything about a closed session that an outsider needs to check it, as a zip.',
    permission: 'log:read',
    params: sessionParams,
    query: none,
    kind: 'file',
    response: packResponse,
    errors: ['session_not_found', 'not_logged_yet', 'report_generation_failed'],
    records: true,
    handler: (deps, ctx, { params }) => sendPack(deps, ctx, params.session_id),
    head: headPack,
  }),
];

type ProofDeps = Pick<ApiDeps, 'accountLog' | 'sessions' | 'pool' | 'recordOutcome' | 'baaChainText'>;

async function sendProof(
  deps: Pick<ApiDeps, 'accountLog' | 'sessions'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof sessionParams, typeof none>,
): Promise<void> {
  const closed = await findClosed(deps, ctx.state.actor.accountId, params.session_id);
  noteAccess(ctx, 'proof.read', closed.sessionId);
  ctx.type = 'text/plain; charset=utf-8';
  ctx.set('Content-Disposition', `attachment; filename="${closed.sessionId}.tlog-proof"`);
  ctx.body = proofTextOf(closed);
}

async function headPack(
  deps: Pick<ApiDeps, 'accountLog' | 'sessions'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof sessionParams, typeof none>,
): Promise<void> {
  setPackHeaders(ctx, await findClosed(deps, ctx.state.actor.accountId, params.session_id));
}

async function sendEvent(
  deps: ProofDeps,
  ctx: ApiContext,
  { params }: RouteInput<typeof eventParams, typeof none>,
): Promise<void> {
  const { session_id: sessionId, seq: index } = params;
  const closed = await findClosed(deps, ctx.state.actor.accountId, sessionId, (size) => {
    // Before it is said that the entry exists and is in no checkpoint yet.
    if (index === null || index >= size) throw noEntry();
  });
  if (index === null || index >= closed.size) throw noEntry();
  const wanted = { kind: 'one', index } as const;
  const { entries, hashes } = await proveOrFail(deps, ctx, closed, wanted);
  noteAccess(ctx, 'proof.read', closed.sessionId);
  const proof = { entry: entries[0], index, size: closed.size, hashes, ...proofOf(closed) };
  sendJson(ctx, { event_proof: proof }, `${closed.sessionId}-event-${index}.json`);
}

function noEntry(): AppError {
  return new AppError('not_found', 'The log has no such entry.');
}

async function sendStretch(
  deps: ProofDeps,
  ctx: ApiContext,
  { params, query: { from, to } }: RouteInput<typeof sessionParams, typeof stretchQuery>,
): Promise<void> {
  assertStretch(from, to);
  const assertWithin = (size: number) => {
    if (to <= size) return;
    const message = `The log has ${size} entries: to must be ${size} at most.`;
    throw new AppError('validation_failed', message, { param: 'to' });
  };
  const closed = await findClosed(deps, ctx.state.actor.accountId, params.session_id, assertWithin);
  assertWithin(closed.size);
  const wanted = { kind: 'stretch', from, to } as const;
  const { entries, hashes } = await proveOrFail(deps, ctx, closed, wanted);
  noteAccess(ctx, 'proof.read', closed.sessionId);
  const proof = { entries, from, to, size: closed.size, hashes, ...proofOf(closed) };
  sendJson(ctx, { range_proof: proof }, `${closed.sessionId}-events-${from}-${to}.json`);
}

/** Entries that one proof holds at most. */
const STRETCH_LIMIT = 10_000;

function assertStretch(from: number, to: number): void {
  if (from < to && to - from <= STRETCH_LIMIT) return;
  throw new AppError('validation_failed', 'to must be greater than from, by at most 10,000.', {
    param: 'to',
  });
}

function proofOf(closed: ClosedSession) {
  return { session_closed: closed.text, session_proof: proofTextOf(closed), v: 1 };
}

/** Canonical JSON, not the framework's: a verifier compares the bytes. */
function sendJson(ctx: ApiContext, body: object, name: string): void {
  ctx.type = 'json';
  ctx.set('Content-Disposition', `attachment; filename="${name}"`);
  ctx.body = canonicalize(body);
}
