// The policies of the account, by name, each with its versions and the agents that name it.
import { z } from 'zod';
import type { PolicySummary } from '../../../../shared/policy/policy-repository.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { cutPage } from '../../../http/paging.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { type Html, html } from '../../markup/html.ts';
import { pager } from '../../markup/pager.ts';
import { listPart } from '../../markup/part.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { findPolicy, policyHash } from './find-policy.ts';
import { agentsUnder, readAgentsByPolicy } from './policy-agents.ts';

const policiesQuery = z.object({ cursor: policyHash('cursor').optional() });

export const POLICIES_PAGE = definePage({
  path: '/policies',
  summary: 'Lists the policy versions of the account and the agents that name them.',
  permission: 'sessions:read',
  navigation: { label: 'Policies', group: 'account' },
  params: none,
  query: policiesQuery,
  compressed: true,
  takesTurns: true,
  errors: ['not_found'],
  show: showPolicies,
});

const VERSIONS_SHOWN = 100;

async function showPolicies(
  deps: Pick<ApiDeps, 'policies' | 'agents'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof policiesQuery>,
): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  // The last version of the page before: its hash names it, whatever characters its name has.
  const after = query.cursor === undefined ? null : await findPolicy(deps, accountId, query.cursor);
  const found = await deps.policies.list(accountId, { after, limit: VERSIONS_SHOWN + 1 });
  const { page, last } = cutPage(found, VERSIONS_SHOWN);
  const byName = Map.groupBy(page, ({ name }) => name);
  const agents = await readAgentsByPolicy(deps, accountId, [...byName.keys()]);
  const timeZone = timeZoneOf(ctx);
  return {
    title: 'Policies',
    main: html`<p>A policy says what is masked before a conversation reaches a model. Every session records the version under which it ran.</p>
${listPart(
  { count: page.length, hasMore: last !== null },
  html`${page.length === 0 ? html`<p>No policy is stored yet. One is stored with the first session that runs under it.</p>` : ''}
${[...byName].map(
  ([name, versions]) => html`<h2>${name}</h2>
<p>${agentsUnder(agents, name)}</p>
${versionsTable(name, versions, timeZone)}`,
)}
${pager('/policies', new URLSearchParams(ctx.querystring), last?.sha256Hex ?? null)}`,
)}`,
  };
}

/** The newest version first; each compared with the one before it. */
function versionsTable(name: string, ascending: readonly PolicySummary[], timeZone: string): Html {
  const rows = ascending.map((version, i) => ({ ...version, before: ascending[i - 1] })).reverse();
  return table(
    rows,
    [
      {
        heading: 'Version',
        cell: ({ version, sha256Hex }) => html`<a href="/policies/${sha256Hex}">Version ${version}</a>`,
      },
      { heading: 'Stored since', cell: ({ storedAt }) => storedSince(storedAt, timeZone) },
      {
        heading: 'Changes',
        cell: ({ before, sha256Hex }) =>
          before
            ? html`<a href="/policies/compare?from=${before.sha256Hex}&amp;to=${sha256Hex}">since version ${before.version}</a>`
            : '–',
      },
      { heading: 'SHA-256 of the text', cell: ({ sha256Hex }) => html`<code>${sha256Hex}</code>` },
    ],
    { caption: `Versions of ${name}, the newest first`, empty: 'No version is stored.' },
  );
}

/** When a version was stored. */
export function storedSince(storedAt: Date | null, timeZone: string): Html {
  return storedAt === null ? html`not recorded` : time(storedAt, timeZone);
}
