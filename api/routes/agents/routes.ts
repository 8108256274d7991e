import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { listAnswer, sendCsv, wantsCsv } from '../../http/csv-list.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { eachSession, listSessionPage, SESSION_COLUMNS } from '../../http/session-list.ts';
import { agentSessionsQuery } from '../../http/session-list-query.ts';
import { resolveState } from '../../http/session-list-state.ts';
import { sessionsResponse } from '../../http/session-summary.ts';
import { findAgent } from './find-agent.ts';
import { AGENT_COLUMNS, eachAgent, listAgents } from './list-agents.ts';
import { presentAgent } from './present.ts';
import { putAgent } from './put-agent.ts';
import {
  agentBody,
  agentParams,
  agentResponse,
  agentsQuery,
  agentsResponse,
  writtenAgentResponse,
} from './schema.ts';

const AGENT_BODY_LIMIT = 16 * 1024;

export const AGENT_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/agents',
    summary: 'Lists the agents of the account, each with its rolling statistics.',
    permission: 'agents:read',
    params: none,
    query: agentsQuery,
    kind: 'file',
    response: listAnswer(agentsResponse, AGENT_COLUMNS),
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: [],
    handler: showAgents,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/agents/{agent_id}',
    summary: 'Shows an agent with its rolling statistics.',
    permission: 'agents:read',
    params: agentParams,
    query: none,
    kind: 'json',
    response: agentResponse,
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: ['agent_not_found'],
    handler: showAgent,
  }),

  defineRoute({
    method: 'put',
    path: '/api/v1/agents/{agent_id}',
    summary: 'Makes an agent under an id of yours, or renames it.',
    permission: 'agents:write',
    params: agentParams,
    query: none,
    body: { mediaType: 'application/json', limit: AGENT_BODY_LIMIT, schema: agentBody },
    kind: 'json',
    response: writtenAgentResponse,
    statuses: [201, 200],
    errors: ['id_taken'],
    handler: putAgent,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/agents/{agent_id}/sessions',
    summary: 'Lists the sessions of an agent.',
    permission: 'sessions:read',
    params: agentParams,
    query: agentSessionsQuery,
    kind: 'file',
    response: listAnswer(sessionsResponse, SESSION_COLUMNS),
    statuses: [200, 304],
    headers: ['ETag'],
    compressed: true,
    takesTurns: true,
    errors: ['agent_not_found'],
    handler: listAgentSessions,
  }),
];

async function showAgents(
  deps: Pick<ApiDeps, 'agents' | 'cursors' | 'hours' | 'sessionSums' | 'listTurns'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof agentsQuery>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  if (wantsCsv(ctx, query.format)) {
    const rows = eachAgent(deps, accountId, query);
    return await sendCsv(deps, ctx, { name: 'agents', columns: AGENT_COLUMNS, rows });
  }
  ctx.body = await listAgents(deps, accountId, query);
}

async function showAgent(
  deps: Pick<ApiDeps, 'agents' | 'hours' | 'sessionSums'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof agentParams, typeof none>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const agent = await findAgent(deps, accountId, params.agent_id);
  const stats = await readAgentStats(deps, accountId, [agent.id], new Date());
  ctx.body = presentAgent(agent, stats.get(agent.id)!);
}

async function listAgentSessions(
  deps: Pick<ApiDeps, 'sessions' | 'agents' | 'cursors' | 'metrics' | 'listTurns'>,
  ctx: ApiContext,
  { params, query }: RouteInput<typeof agentParams, typeof agentSessionsQuery>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  // A malformed id is null. The empty id names no list, so no cursor can match it.
  const agentId = params.agent_id ?? '';
  const identity = { account: accountId, list: `agents/${agentId}/sessions` };
  // Input is checked before any resource is looked up, and the cursor is input.
  const isCsv = wantsCsv(ctx, query.format);
  const state = resolveState(deps, { ...query, agent_id: agentId }, identity, new Date());
  const agent = await findAgent(deps, accountId, params.agent_id);
  if (isCsv) {
    const rows = eachSession(deps, state);
    return await sendCsv(deps, ctx, { name: `sessions-${agent.id}`, columns: SESSION_COLUMNS, rows });
  }
  ctx.body = await listSessionPage(deps, state, query.limit);
}
