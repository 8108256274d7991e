import type { Coverage, IdentifierCoverage } from '../../../shared/policy/assess-coverage.ts';
import { COVERAGE_CAVEAT } from '../../../shared/reports/wording.ts';
import { type Html, html, nothing } from './html.ts';
import { state } from './state.ts';
import { table } from './table.ts';

/** How far a policy covers the 18 identifiers of Safe Harbor, and what that does not say. */
export function coverageTable(coverage: Coverage): Html {
  const { identifiers, unmappedKinds, passthroughKinds } = coverage;
  const count = (status: string) => identifiers.filter((identifier) => identifier.status === status).length;
  return html`<p>Of the 18 identifiers of 45 CFR 164.514(b)(2)(i), the policy covers ${count('full')} in full, ${count('partial')} in part and ${count('none')} not at all.</p>
<details><summary>The identifiers one by one</summary>
${table(
  identifiers,
  [
    { heading: 'Identifier', holds: 'text', cell: ({ title }) => title },
    { heading: 'Coverage', cell: statusState },
    { heading: 'Kinds', holds: 'text', cell: ({ kinds }) => kinds.join(', ') || '–' },
    { heading: 'Why', holds: 'text', cell: ({ reason }) => reason },
    { heading: 'Citation', cell: ({ citation }) => citation },
  ],
  { caption: 'Safe Harbor coverage, computed from the policy', empty: '' },
)}
</details>
${kinds('The policy lets these kinds reach the model unmasked:', passthroughKinds)}
${kinds('These kinds of the policy belong to no identifier:', unmappedKinds)}
<p><small>${COVERAGE_CAVEAT}</small></p>`;
}

function statusState({ status, applicable }: IdentifierCoverage): Html {
  if (!applicable) return state('not applicable', 'calm');
  return state(status, status === 'full' ? 'good' : 'doubt');
}

function kinds(words: string, names: readonly string[]): Html {
  if (names.length === 0) return nothing;
  return html`<p>${words} ${names.map((name, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`)}.</p>`;
}
