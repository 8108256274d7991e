// One version of a policy: where it is in force, what it covers, its text.
import { z } from 'zod';
import type { PolicySummary } from '../../../../shared/policy/policy-repository.ts';
import type { PolicyReading } from '../../../../shared/reports/policy-reading.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { requestSignal } from '../../../http/request-signal.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { coverageTable } from '../../markup/coverage-table.ts';
import { facts } from '../../markup/facts.ts';
import { select } from '../../markup/form.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { readPolicyText } from '../../page/read-policy.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { findPolicyText, policyHash } from './find-policy.ts';
import { storedSince } from './policies-page.ts';
import { agentsUnder, readAgentsByPolicy } from './policy-agents.ts';

const versionParams = z.object({ policy_sha256: policyHash('policy_sha256') });

export const POLICY_PAGE = definePage({
  path: '/policies/{policy_sha256}',
  summary: 'Shows a version of a policy, its Safe Harbor coverage and its text.',
  permission: 'sessions:read',
  params: versionParams,
  query: none,
  errors: ['not_found'],
  show: showPolicy,
});

/** Versions of the same name that the page offers to compare with. */
const OFFERED = 200;

async function showPolicy(
  deps: Pick<ApiDeps, 'policies' | 'agents' | 'pool'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof versionParams, typeof none>,
): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  const policy = await findPolicyText(deps, accountId, params.policy_sha256);
  const { name, version, sha256Hex, storedAt, text } = policy;
  const [versions, agents, reading] = await Promise.all([
    deps.policies.list(accountId, { name, after: null, limit: OFFERED }),
    readAgentsByPolicy(deps, accountId, [name]),
    readPolicyText(deps, accountId, text, requestSignal(ctx.res)),
  ]);
  return {
    title: `${name}, version ${version}`,
    main: html`${facts([
      ['Agents', agentsUnder(agents, name)],
      ['Stored since', storedSince(storedAt, timeZoneOf(ctx))],
      ['SHA-256 of the text', html`<code>${sha256Hex}</code>`],
      ...(reading.ok ? policyFacts(reading) : []),
    ])}
${compareForm(policy, versions)}
<h2>Safe Harbor coverage</h2>
${reading.ok ? coverageTable(reading.coverage, { isOpen: true }) : problems(reading.problems)}
<h2>Text</h2>
<pre class="policy" tabindex="0" role="region" aria-label="Text of the policy"><code>${text}</code></pre>
<p><a href="/policies">All policies</a></p>`,
  };
}

function policyFacts({ policy: { audit, passes } }: PolicyReading & { ok: true }) {
  const { logEvents, logPayloads, retentionDays } = audit;
  const events = logEvents ? 'every redaction is logged' : 'off: redactions leave no trace';
  return [
    ['Detection passes', passes.length === 0 ? 'none: nothing is detected' : passes.join(', ')],
    ['Audit log', `${events}; ${logPayloads ? 'payloads are kept' : 'payloads are not kept'}`],
    ['Retention', retentionDays === null ? 'not stated' : `${retentionDays} days, as the policy states`],
  ] as const;
}

/** Reports under a policy that cannot be read fail: the page says so where its coverage would stand. */
function problems(found: readonly string[]): Html {
  return html`<div class="notice bad"><p>This text cannot be read as a policy, so no report can be made on a session under it.</p>
<ul>${found.map((problem) => html`<li>${problem}</li>`)}</ul></div>`;
}

function compareForm(
  { sha256Hex, version }: Pick<PolicySummary, 'sha256Hex' | 'version'>,
  versions: readonly PolicySummary[],
): Html {
  const others = versions.filter((other) => other.sha256Hex !== sha256Hex);
  if (others.length === 0) return nothing;
  const before = others.findLast((other) => other.version < version) ?? others[0];
  const options = others.map((other) => ({ value: other.sha256Hex, label: `Version ${other.version}` }));
  return html`<form class="row" method="get" action="/policies/compare">
${select('from', 'Compare with', options, before?.sha256Hex)}
<input type="hidden" name="to" value="${sha256Hex}">
<button type="submit">Show the changes</button>
</form>`;
}
