// Two versions of a policy, side by side: what changed in its coverage and in its text.
import { z } from 'zod';
import type { PolicySummary } from '../../../../shared/policy/policy-repository.ts';
import type { PolicyReading } from '../../../../shared/reports/policy-reading.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { requestSignal } from '../../../http/request-signal.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { coverageState } from '../../markup/coverage-table.ts';
import { type Html, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { definePage, type PageContent, type Redirect } from '../../page/page.ts';
import { readPolicyText } from '../../page/read-policy.ts';
import { type DiffLine, diffTexts, type TextDiff } from './diff-texts.ts';
import { findPolicyText, policyHash } from './find-policy.ts';

/** Whoever comes without two versions is led to the list, where they are chosen. */
const compareQuery = z.object({ from: policyHash('from').optional(), to: policyHash('to').optional() });

export const COMPARE_POLICIES_PAGE = definePage({
  path: '/policies/compare',
  summary: 'Shows what changed from one policy version to another.',
  permission: 'sessions:read',
  params: none,
  query: compareQuery,
  compressed: true,
  errors: ['not_found'],
  show: showChanges,
});

async function showChanges(
  deps: Pick<ApiDeps, 'policies' | 'pool'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof compareQuery>,
): Promise<PageContent | Redirect> {
  const { accountId } = ctx.state.actor;
  if (query.from === undefined || query.to === undefined) return { redirectTo: '/policies' };
  const [from, to] = await Promise.all([
    findPolicyText(deps, accountId, query.from),
    findPolicyText(deps, accountId, query.to),
  ]);
  const signal = requestSignal(ctx.res);
  const [before, after] = await Promise.all(
    [from, to].map(({ text }) => readPolicyText(deps, accountId, text, signal)),
  );
  return {
    title: 'Changes of a policy',
    main: html`<p>From ${policyLink(from)} to ${policyLink(to)}.</p>
<h2>Safe Harbor coverage</h2>
${coverageChanges(before, after)}
<h2>Text</h2>
${textChanges(diffTexts(from.text, to.text))}
<p><a href="/policies">All policies</a></p>`,
  };
}

function policyLink({ name, version, sha256Hex }: PolicySummary): Html {
  return html`<a href="/policies/${sha256Hex}">${name}, version ${version}</a>`;
}

function coverageChanges(before: PolicyReading | undefined, after: PolicyReading | undefined): Html {
  if (!before?.ok || !after?.ok) {
    return html`<p class="notice bad">One of the two texts cannot be read as a policy: see its page.</p>`;
  }
  const pairs = before.coverage.identifiers.map((old, i) => ({
    old,
    new: after.coverage.identifiers[i] ?? old,
  }));
  return table(
    pairs.filter((pair) => pair.old.status !== pair.new.status),
    [
      { heading: 'Identifier', cell: ({ old }) => old.title },
      { heading: 'Before', cell: ({ old }) => coverageState(old) },
      { heading: 'After', cell: (pair) => coverageState(pair.new) },
    ],
    {
      caption: 'Identifiers that are covered otherwise than before',
      empty: 'All 18 identifiers are covered as before.',
    },
  );
}

const WORDS = {
  added: state('added', 'good'),
  removed: state('removed', 'bad'),
  same: html`<span class="same">same</span>`,
} as const;

function textChanges({ lines, added, removed, isWhole, isUnrelated }: TextDiff): Html {
  if (added === 0 && removed === 0) return html`<p>The two texts are the same.</p>`;
  const caption = `${formatCount(added)} added and ${formatCount(removed)} removed lines`;
  return html`${isUnrelated ? html`<p>The two texts are too long, or have too little in common, to be compared line by line: one follows the other.</p>` : ''}
${table(
  lines,
  [
    { heading: 'Change', cell: ({ change }) => WORDS[change] },
    { heading: 'Before', holds: 'number', cell: ({ before }) => before ?? '' },
    { heading: 'After', holds: 'number', cell: ({ after }) => after ?? '' },
    { heading: 'Line', cell: lineText },
  ],
  { caption, empty: '' },
)}
${isWhole ? '' : html`<p>The first ${formatCount(lines.length)} lines are shown.</p>`}`;
}

function lineText({ change, text }: DiffLine): Html {
  const code = html`<code class="line">${text}</code>`;
  if (change === 'added') return html`<ins>${code}</ins>`;
  return change === 'removed' ? html`<del>${code}</del>` : code;
}
