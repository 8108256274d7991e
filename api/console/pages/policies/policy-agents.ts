// Where a policy is in force: the agents that name it.
import type { Agent } from '../../../../shared/accounts/agent-repository.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { type Html, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';

/** Agents by the name of their policy, and whether an account has more than were read. */
export type AgentsByPolicy = Readonly<{ byName: ReadonlyMap<string, readonly Agent[]>; isCut: boolean }>;

const READ_AT_MOST = 1_000;
const NAMED_AT_MOST = 10;

export async function readAgentsByPolicy(
  { agents }: Pick<ApiDeps, 'agents'>,
  accountId: string,
  policyNames: readonly string[],
): Promise<AgentsByPolicy> {
  if (policyNames.length === 0) return { byName: new Map(), isCut: false };
  const found = await agents.listByPolicy(accountId, policyNames, READ_AT_MOST);
  return { byName: Map.groupBy(found, ({ policyName }) => policyName), isCut: found.length === READ_AT_MOST };
}

/** An agent names a policy without a version: which one a session ran under stands in the session. */
export function agentsUnder({ byName, isCut }: AgentsByPolicy, policyName: string): Html {
  const named = byName.get(policyName) ?? [];
  const count = `${isCut ? 'At least ' : ''}${formatCount(named.length)}`;
  if (named.length === 0) {
    return isCut
      ? html`Not among the first ${formatCount(READ_AT_MOST)} agents.`
      : html`No agent names it now.`;
  }
  const shown = [...named].sort((a, b) => a.name.localeCompare(b.name)).slice(0, NAMED_AT_MOST);
  const links = shown.map(
    ({ id, name }, i) => html`${i === 0 ? '' : ', '}<a href="/agents/${id}">${name}</a>`,
  );
  const more = named.length - shown.length;
  return html`In force for ${count} ${named.length === 1 ? 'agent' : 'agents'}: ${links}${more === 0 ? '' : ` and ${formatCount(more)} more`}.`;
}
