import type { Agent } from '../../../shared/accounts/agent-repository.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiDeps } from '../../http/context.ts';

/**
 * The account's agent. Throws the same `agent_not_found` for a malformed id (null), an unknown one and another
 * account's.
 */
export async function findAgent(
  { agents }: Pick<ApiDeps, 'agents'>,
  accountId: string,
  agentId: string | null,
): Promise<Agent> {
  const agent = agentId === null ? null : await agents.find(accountId, agentId);
  if (!agent) throw new AppError('agent_not_found', 'The account has no such agent.');
  return agent;
}
