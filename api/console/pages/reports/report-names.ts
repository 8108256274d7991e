// The names that pages on reports show in place of ids, each kind in one read.
import type { ApiDeps } from '../../../http/context.ts';
import { type Html, html } from '../../markup/html.ts';

export type NameDeps = Pick<ApiDeps, 'agents' | 'users'>;

/** Agents and users, by id; one that is gone, or a token in a user's place, is shown by its id. */
export type ReportNames = Readonly<{
  agents: ReadonlyMap<string, string>;
  users: ReadonlyMap<string, Readonly<{ name: string }>>;
}>;

type Named = Readonly<{ agent_id: string | null; user_id: string | null }>;

/** `known` are names of agents that were read already. */
export async function readNames(
  { agents, users }: NameDeps,
  accountId: string,
  rows: readonly Named[],
  known: ReadonlyMap<string, string> = new Map(),
): Promise<ReportNames> {
  const agentIds = rows.flatMap(({ agent_id }) => agent_id ?? []).filter((id) => !known.has(id));
  const userIds = rows.flatMap(({ user_id }) => user_id ?? []);
  const [agentNames, userNames] = await Promise.all([
    agents.namesById(accountId, agentIds),
    users.listById(accountId, userIds),
  ]);
  return { agents: new Map([...known, ...agentNames]), users: userNames };
}

/** What a report is about. */
export function aboutReport(
  {
    scope,
    agent_id,
    session_id = null,
  }: Readonly<{ scope: string; agent_id: string | null; session_id?: string | null }>,
  { agents }: ReportNames,
): Html {
  if (session_id !== null) {
    return html`Session <a href="/sessions/${session_id}"><code>${session_id}</code></a>`;
  }
  if (scope === 'agent' && agent_id !== null) {
    return html`Agent <a href="/agents/${agent_id}">${agents.get(agent_id) ?? agent_id}</a>`;
  }
  return html`Whole account`;
}

/** Who asked for a report: a user, or a token. */
export function askedBy(userId: string, { users }: ReportNames): Html {
  const name = users.get(userId)?.name;
  return typeof name === 'string' ? html`${name}` : html`<code>${userId}</code>`;
}
