import type { Agent } from '../../../shared/accounts/agent-repository.ts';
import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import { isId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiDeps } from '../../http/context.ts';
import { noQuery } from '../../http/no-query.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { listSessionPage } from '../../http/session-list.ts';
import { agentSessionsQuery } from '../../http/session-list-query.ts';
import { resolveState } from '../../http/session-list-state.ts';
import { listAgents } from './list-agents.ts';
import { presentAgent } from './present.ts';
import { agentsQuery } from './schema.ts';

export function agentRoutes(deps: ApiDeps): Route[] {
  return [
    defineRoute({
      path: '/api/v1/agents',
      access: 'agents:read',
      query: agentsQuery,
      async handle(ctx, query) {
        ctx.body = await listAgents(deps, ctx.state.actor.accountId, query);
      },
    }),

    defineRoute({
      path: '/api/v1/agents/:agent_id',
      access: 'agents:read',
      query: noQuery,
      async handle(ctx) {
        const { accountId } = ctx.state.actor;
        const agent = await findAgent(deps, accountId, ctx.params.agent_id);
        const stats = await readAgentStats(deps, accountId, [agent.id], new Date());
        ctx.body = presentAgent(agent, stats.get(agent.id)!);
      },
    }),

    defineRoute({
      path: '/api/v1/agents/:agent_id/sessions',
      access: 'sessions:read',
      query: agentSessionsQuery,
      async handle(ctx, query) {
        const { actor } = ctx.state;
        const agentId = ctx.params.agent_id ?? '';
        const list = { account: actor.accountId, list: `agents/${agentId}/sessions` };
        // The cursor is input, which is checked before the agent is looked for.
        const state = resolveState(deps, { ...query, agent_id: agentId }, list, new Date());
        await findAgent(deps, actor.accountId, agentId);
        ctx.body = await listSessionPage(deps, state, query.limit);
      },
    }),
  ];
}

/** The account's agent, or one and the same `agent_not_found` for a malformed, an unknown and another account's id. */
async function findAgent(
  { agents }: ApiDeps,
  accountId: string,
  agentId: string | undefined,
): Promise<Agent> {
  const agent = isId('agent', agentId) ? await agents.find(accountId, agentId) : null;
  if (!agent) throw new AppError('agent_not_found', 'The account has no such agent.');
  return agent;
}
