// Opens a session under an id of the caller's. Sent again, it answers with the session that is there.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { openSessionOnce } from '../../../shared/log-writer/open-session.ts';
import { describeShapes } from '../../../shared/reports/leak-shapes.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import type { none, RouteInput } from '../../http/route-spec.ts';
import { refuseUnwritable } from './refuse-unwritable.ts';
import type { sessionParams } from './schema.ts';
import type { sessionBody } from './writing-schema.ts';

type Input = RouteInput<typeof sessionParams, typeof none, typeof sessionBody>;

type Deps = Pick<ApiDeps, 'writer' | 'writeTurns' | 'agents' | 'policies' | 'refuseEnded' | 'recordOutcome'>;

export async function putSession(
  { writer, writeTurns, agents, policies, refuseEnded, recordOutcome }: Deps,
  ctx: ApiContext,
  { params: { session_id: id }, body }: Input,
): Promise<void> {
  if (id === null) throw refuse('session_id', 'The path must end with an id, sess_ and a ULID in capitals.');
  refuseContacts(body.external_id);
  const { accountId } = ctx.state.actor;
  const { policy_name: name, policy_version: version } = body;
  const [agent, policy] = await Promise.all([
    agents.find(accountId, body.agent_id),
    policies.findVersion(accountId, name, version),
  ]);
  if (!agent) {
    throw refuse('agent_id', 'The account has no such agent: make it with PUT /api/v1/agents/{agent_id}.');
  }
  if (!policy) {
    const remedy = 'store it with PUT /api/v1/policies/{name}/{version}';
    throw refuse('policy_version', `The account has no such version of the policy: ${remedy}.`);
  }
  const start = {
    id,
    agentId: agent.id,
    startedAt: body.started_at,
    upstreamModel: body.upstream_model,
    policy: { name, version, sha256Hex: policy.sha256Hex },
    externalId: body.external_id,
    metadata: body.metadata?.length ? body.metadata : undefined,
  };
  await refuseEnded(accountId, id);
  const opened = await writeTurns.run(accountId, () => openSessionOnce(writer, accountId, start));
  if (opened.status === 'taken') throw new AppError('id_taken', 'Another session has the id.');
  if (opened.status === 'external_id_taken') {
    throw new AppError('session_conflict', 'Another session of the account has this external_id.', {
      param: 'external_id',
    });
  }
  if (opened.status === 'failed' || opened.status === 'unverifiable') {
    return await refuseUnwritable({ writer, recordOutcome }, accountId, id, opened);
  }
  if (opened.status === 'found') refuseOther(opened.session, start);
  ctx.status = opened.status === 'opened' ? 201 : 200;
  ctx.body = { session: presentOpened(opened.session) };
}

function refuse(param: string, message: string): AppError {
  return new AppError('validation_failed', message, { param });
}

/** The report states it, and lists are searched by it: an id must be nobody's number or address. */
function refuseContacts(externalId: string | undefined): void {
  if (externalId === undefined) return;
  const contacts = describeShapes(externalId);
  if (contacts === null) return;
  throw refuse(
    'external_id',
    `external_id holds what reads as ${contacts}: use an id that says nothing of a caller.`,
  );
}

type Start = Readonly<{ agentId: string; startedAt: Date; upstreamModel: string }> &
  Readonly<{ policy: Readonly<{ name: string; version: number; sha256Hex: string }> }> &
  Readonly<{ externalId: string | undefined; metadata: Session['metadata'] | undefined }>;

/** Throws for a session that ended, or that was opened with other facts than these. */
function refuseOther(stored: Session, start: Start): void {
  if (stored.endedAt !== null || stored.log.seal !== null) {
    throw new AppError('session_closed', 'The session has ended: open the next one under a new id.');
  }
  const fields: [name: string, stored: unknown, stated: unknown][] = [
    ['agent_id', stored.agentId, start.agentId],
    ['started_at', stored.startedAt.getTime(), start.startedAt.getTime()],
    ['policy_name', stored.policyName, start.policy.name],
    ['policy_version', stored.policySha256Hex, start.policy.sha256Hex],
    ['upstream_model', stored.upstreamModel, start.upstreamModel],
    ['external_id', stored.externalId, start.externalId],
    ['metadata', sorted(stored.metadata), sorted(start.metadata)],
  ];
  const other = fields.find(([, one, another]) => one !== another);
  if (!other) return;
  const [param] = other;
  throw new AppError('session_conflict', `The session is open with another ${param}.`, { param });
}

function sorted(metadata: Session['metadata']): string {
  return canonicalize(new Map(metadata ?? []));
}

function presentOpened(session: Session) {
  return {
    id: session.id,
    agent_id: session.agentId,
    started_at: presentTime(session.startedAt),
    policy_name: session.policyName,
    policy_version: session.policyVersion,
    policy_sha256: session.policySha256Hex,
    upstream_model: session.upstreamModel,
    external_id: session.externalId ?? null,
    metadata: Object.fromEntries(session.metadata ?? []),
    log_state: 'open',
  };
}
