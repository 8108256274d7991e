// Ends a session: its log is closed, walked and sealed. Sent again, it answers the same.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type CloseFacts, closeLog } from '../../../shared/log-writer/close-log.ts';
import { parsePolicy } from '../../../shared/policy/parse-policy.ts';
import type { Session, SessionPayloads } from '../../../shared/sessions/session.ts';
import { noSession } from '../../../workers/reports/pool.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import type { none, RouteInput } from '../../http/route-spec.ts';
import { refuseUnwritable } from './refuse-unwritable.ts';
import type { sessionParams } from './schema.ts';
import type { endBody } from './writing-schema.ts';

type Deps = Pick<ApiDeps, 'writer' | 'policies' | 'recordOutcome' | 'followClosed'>;

export async function endSession(
  deps: Deps,
  ctx: ApiContext,
  { params: { session_id: id }, body }: RouteInput<typeof sessionParams, typeof none, typeof endBody>,
): Promise<void> {
  const { writer } = deps;
  const { accountId } = ctx.state.actor;
  const session = id === null ? null : await writer.sessions.find(accountId, id);
  if (!session) throw noSession();
  const payloads = body.payloads ? readPayloads(body.payloads) : null;
  if (payloads) {
    await refusePayloads(deps, session);
    // Before the close, since nothing of a sealed session changes. The answer waits for both.
    await writer.sessions.keepPayloads(accountId, session.id, payloads);
  }
  const facts: CloseFacts = {
    endedAt: body.ended_at,
    status: body.status,
    ...(body.stage_durations_ms && { stageDurationsMs: body.stage_durations_ms }),
  };
  const result = await closeLog(writer, accountId, session.id, facts);
  if (result.status === 'no_session') throw noSession();
  if (result.status === 'failed' || result.status === 'unverifiable') {
    return await refuseUnwritable(deps, accountId, session.id, result);
  }
  deps.followClosed({ accountId, sessionId: session.id });
  const ended = (await writer.sessions.find(accountId, session.id)) as Session;
  const stored = payloads && (await writer.sessions.findPayloads(accountId, session.id));
  refuseOther(ended, facts);
  if (payloads && canonicalize(stored) !== canonicalize(payloads)) throw endedOtherwise('payloads');
  ctx.body = { size: ended.log.size, merkle_root_hex: ended.merkleRootHex, seal: ended.log.seal };
}

/** Throws `validation_failed` where the policy in force keeps no payloads. */
async function refusePayloads({ policies }: Deps, { accountId, policySha256Hex }: Session): Promise<void> {
  const policy = await policies.find(accountId, policySha256Hex);
  const parsed = policy && parsePolicy(policy.text);
  if (parsed?.ok && parsed.policy.audit.logPayloads) return;
  throw new AppError(
    'validation_failed',
    "payloads: the session's policy does not keep what was said: leave them out, or use a policy with log_payloads: true.",
    { param: 'payloads' },
  );
}

function readPayloads({ request = null, masked = null, response = null }: Partial<SessionPayloads>) {
  return { request, masked, response };
}

/** Throws `session_closed` where an earlier end stated other facts: those stand. */
function refuseOther(ended: Session, { endedAt, status, stageDurationsMs = [] }: CloseFacts): void {
  const fields: [name: string, stored: unknown, stated: unknown][] = [
    ['ended_at', ended.endedAt?.getTime(), endedAt.getTime()],
    ['status', ended.status, status],
    ['stage_durations_ms', asText(ended.stageDurationsMs), asText(stageDurationsMs)],
  ];
  const other = fields.find(([, stored, stated]) => stored !== stated);
  if (other) throw endedOtherwise(other[0]);
}

function endedOtherwise(param: string): AppError {
  return new AppError('session_closed', `The session has ended with another ${param}: that stands.`, {
    param,
  });
}

function asText(durations: Session['stageDurationsMs']): string {
  return canonicalize(new Map(durations));
}
