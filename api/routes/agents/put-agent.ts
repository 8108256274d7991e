// Makes an agent under an id of the caller's, or renames it.
import { AppError } from '../../../shared/errors/app-error.ts';
import { isComposed, NOT_COMPOSED } from '../../../shared/policy/composed-name.ts';
import { describeShapes } from '../../../shared/reports/leak-shapes.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { recordAct } from '../../http/record-access.ts';
import type { none, RouteInput } from '../../http/route-spec.ts';
import type { agentBody, agentParams } from './schema.ts';

export async function putAgent(
  deps: Pick<ApiDeps, 'agents' | 'recordAccess'>,
  ctx: ApiContext,
  { params, body }: RouteInput<typeof agentParams, typeof none, typeof agentBody>,
): Promise<void> {
  const { agent_id: id } = params;
  if (id === null) {
    throw new AppError('validation_failed', 'The path must end with an id, agt_ and a ULID in capitals.', {
      param: 'agent_id',
    });
  }
  const { accountId } = ctx.state.actor;
  const agent = { id, name: body.name, policyName: body.policy_name };
  const outcome = await deps.agents.outcomeOf(accountId, agent);
  // Not of an agent that an earlier release stored: its caller may send it before each call.
  if (outcome !== 'unchanged' && !isComposed(agent.policyName)) {
    throw new AppError('validation_failed', `policy_name: ${NOT_COMPOSED}.`, { param: 'policy_name' });
  }
  // A program may send its agents before each call: a row says what changed.
  if (outcome === 'created' || outcome === 'stored') await recordAct(deps, ctx, 'agent.store', id);
  const { status } = await deps.agents.put(accountId, agent);
  if (status === 'foreign')
    throw new AppError('id_taken', 'Another account has this agent, or it was deleted.');
  ctx.status = status === 'created' ? 201 : 200;
  const contacts = describeShapes(body.name);
  ctx.body = {
    id,
    ...body,
    warnings:
      contacts === null
        ? []
        : [
            `The name holds what reads as ${contacts}, and reports state it: choose another if it is private.`,
          ],
  };
}
