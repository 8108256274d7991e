// How a voice agent is connected: the lines to paste, with the account's own agent and policy in them.
import { WRITE_PERMISSIONS } from '../../../../shared/accounts/permissions.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { exampleCall, exampleCalls } from '../../../../shared/log-writer/example-calls.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { type Html, html } from '../../markup/html.ts';
import { definePage, type Page, type PageContent } from '../../page/page.ts';

export const CONNECT_PAGES: readonly Page[] = [
  definePage({
    path: '/connect',
    summary: 'Shows the lines that connect a voice agent: a policy, an agent, a session and its report.',
    permission: 'agents:read',
    navigation: { label: 'Connect your agent', group: 'account' },
    params: none,
    query: none,
    errors: [],
    show: showConnect,
  }),
];

type Deps = Pick<ApiDeps, 'agents' | 'policies' | 'publicUrl'>;

async function showConnect(deps: Deps, ctx: ApiContext): Promise<PageContent> {
  const { accountId, permissions } = ctx.state.actor;
  const url = deps.publicUrl ?? `${ctx.protocol}://${ctx.host}`;
  const found = await findOwn(deps, accountId);
  const own = found ?? { agentId: newId('agent'), policyName: 'front-desk', policyVersion: 1 };
  return {
    title: 'Connect your agent',
    main: html`<p>A voice proxy in any language writes its calls here over HTTP. Paste these lines into a shell, one after the other; then let
your program send the same. Every call can be sent again after a lost answer.</p>
${tokenSection(permissions.includes('tokens:write'), accountId)}
${found ? ownSection(found) : firstSection(own, url)}
${section('session', 'Write a call, and get its report', exampleCalls({ ...own, upstreamModel: 'gpt-4o-mini' }, url))}
<p>An event says what was masked, and never what was said. Its fields, all other calls and every error are in the
<a href="/docs">API reference</a>.</p>`,
  };
}

type Own = Readonly<{ agentId: string; policyName: string; policyVersion: number }>;

/** An agent of the account whose policy is stored, with that policy's newest version; null where there is none. */
async function findOwn(
  { agents, policies }: Deps,
  accountId: string,
): Promise<(Own & { agentName: string }) | null> {
  for (const { id, name, policyName } of await agents.list(accountId, { afterId: null, limit: AGENTS })) {
    const versions = await policies.list(accountId, { name: policyName, after: null, limit: VERSIONS });
    const newest = versions.at(-1);
    if (newest) return { agentId: id, agentName: name, policyName, policyVersion: newest.version };
  }
  return null;
}

/** How many agents are looked at, and versions of a policy. */
const AGENTS = 3;
const VERSIONS = 100;

function tokenSection(mayMake: boolean, accountId: string): Html {
  const command = `TOKEN=$(npm run -s tokens -- --account ${accountId} --create "My proxy" --scopes ${WRITE_PERMISSIONS.join(',')},sessions:read,reports:read)`;
  return html`<section aria-labelledby="token">
<h2 id="token">A token</h2>
<p>${
    mayMake
      ? html`<a href="/tokens">Make one</a> with the scopes ${scopes()} and set it: <code>TOKEN=msk_…</code>.`
      : html`Ask whoever may make tokens for one with the scopes ${scopes()} and set it: <code>TOKEN=msk_…</code>.`
  } Where the service runs, a shell makes one, too:</p>
${lines([command])}
</section>`;
}

function scopes(): Html {
  const all = [...WRITE_PERMISSIONS, 'sessions:read', 'reports:read'];
  return html`${all.map((scope, i) => html`${i === 0 ? '' : ', '}<code>${scope}</code>`)}`;
}

function ownSection({ agentName, policyName, policyVersion }: Own & { agentName: string }): Html {
  return html`<section aria-labelledby="agent">
<h2 id="agent">Policy and agent</h2>
<p>The lines below write a call of <strong>${agentName}</strong> under <strong>${policyName}</strong>, version ${policyVersion}, which are here already.
Another policy or agent is stored by <code>PUT /api/v1/policies/NAME/VERSION</code> and <code>PUT /api/v1/agents/ID</code>.</p>
</section>`;
}

const POLICY = `name: front-desk
version: 1
passes: [regex, gemma]
entities:
  NAME: {enabled: true, ner: true, action: tokenize}
  PHONE: {enabled: true, regex: true, action: tokenize}
`;

function firstSection({ agentId, policyName, policyVersion }: Own, url: string): Html {
  const agent = { name: 'Front desk', policy_name: policyName };
  return section('agent', 'Policy and agent', [
    exampleCall('PUT', `${url}/api/v1/policies/${policyName}/${policyVersion}`, POLICY),
    exampleCall('PUT', `${url}/api/v1/agents/${agentId}`, agent),
  ]);
}

function section(id: string, heading: string, calls: readonly string[]): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${lines(calls)}
</section>`;
}

function lines(calls: readonly string[]): Html {
  return html`${calls.map((call) => html`<pre class="copy" tabindex="0" aria-label="A line for a shell"><code>${call}</code></pre>\n`)}`;
}
