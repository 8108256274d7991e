// The access record, as requests write it: a handler notes what its answer shows or what it did, and the router has it
// stored before anything is sent.
import { Readable } from 'node:stream';
import type { AccessAction } from '../../shared/access-record/access-row.ts';
import { isId } from '../../shared/audit/ids.ts';
import type { ApiContext, ApiDeps, NotedAccess } from './context.ts';

/**
 * Notes a look or an act. `subject` is an id, never what somebody sent. `who` is the login of the request, unless it signs
 * in.
 */
export function noteAccess(
  ctx: Pick<ApiContext, 'state'>,
  action: AccessAction,
  subject: string | null,
  who: NotedAccess['who'] = ctx.state.actor,
): void {
  ctx.state.noted ??= [];
  ctx.state.noted.push({ action, subject, who });
}

export type RecordDeps = Pick<ApiDeps, 'recordAccess'>;

/**
 * Records an act that is about to be done. For acts that a second request finds done: were the process killed between the
 * act and its row, the act would stand in no row for good. Whoever sends the request again leaves a second row.
 */
export async function recordAct(
  deps: RecordDeps,
  ctx: ApiContext,
  action: AccessAction,
  subject: string,
  who: NotedAccess['who'] = ctx.state.actor,
): Promise<void> {
  noteAccess(ctx, action, subject, who);
  await recordNoted(deps, ctx);
}

/**
 * Runs a handler, and stores what it noted before its answer is sent. Where that fails the answer is taken back, headers
 * and all: who looked at what cannot be told later. HEAD shows nothing.
 */
export async function recordBeforeSending(
  deps: RecordDeps,
  ctx: ApiContext,
  handle: () => Promise<void> | void,
): Promise<void> {
  const names = new Set(ctx.res.getHeaderNames());
  await handle();
  try {
    await recordNoted(deps, ctx);
  } catch (error) {
    if (ctx.body instanceof Readable) ctx.body.destroy();
    ctx.body = null;
    for (const name of ctx.res.getHeaderNames()) if (!names.has(name)) ctx.remove(name);
    throw error;
  }
}

/** Stores what was noted: before an act, and before an answer is sent. */
export async function recordNoted({ recordAccess }: RecordDeps, ctx: ApiContext): Promise<void> {
  const { noted = [] } = ctx.state;
  ctx.state.noted = [];
  if (ctx.method === 'HEAD' || noted.length === 0) return;
  const at = new Date();
  for (const [accountId, events] of Map.groupBy(noted, ({ who }) => who.accountId)) {
    await recordAccess(
      accountId,
      events.map(({ action, subject, who }) => ({
        at,
        // A token stands in for its user.
        user: isId('token', who.userId) ? null : who.userId,
        token: isId('token', who.userId) ? who.userId : null,
        action,
        subject,
        requestId: ctx.state.requestId,
        address: peerAddress(ctx),
      })),
    );
  }
}

/** An IPv4 peer of a socket that listens on both families is written as one. */
function peerAddress({ req }: Pick<ApiContext, 'req'>): string | null {
  return req.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '') ?? null;
}
