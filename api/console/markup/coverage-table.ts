import type { Coverage, IdentifierCoverage } from '../../../shared/policy/assess-coverage.ts';
import { COVERAGE_CAVEAT } from '../../../shared/reports/wording.ts';
import { type Html, html, nothing } from './html.ts';
import { formatCount } from './number.ts';
import { state } from './state.ts';
import { table } from './table.ts';

/**
 * How far a policy covers the 18 identifiers of Safe Harbor, what in it counts for nothing, and what that does not say. Its
 * rows are folded away unless `isOpen`.
 */
export function coverageTable(coverage: Coverage, { isOpen = false } = {}): Html {
  const { identifiers, unmappedKinds, passthroughKinds, unreadKeys } = coverage;
  const count = (status: string) => identifiers.filter((identifier) => identifier.status === status).length;
  return html`<p>Of the 18 identifiers of 45 CFR 164.514(b)(2)(i), the policy covers ${count('full')} in full, ${count('partial')} in part and ${count('none')} not at all.</p>
<details${isOpen ? html` open` : nothing}><summary>The identifiers one by one</summary>
${table(
  identifiers,
  [
    { heading: 'Identifier', holds: 'text', cell: ({ title }) => title },
    { heading: 'Coverage', cell: coverageState },
    { heading: 'Kinds', holds: 'text', cell: ({ kinds }) => kinds.join(', ') || '–' },
    { heading: 'Why', holds: 'text', cell: ({ reason }) => reason },
    { heading: 'Citation', cell: ({ citation }) => citation },
  ],
  { caption: 'Safe Harbor coverage, computed from the policy', empty: '' },
)}
</details>
${names('The policy lets these kinds reach the model unmasked:', passthroughKinds)}
${names('These kinds of the policy belong to no identifier:', unmappedKinds)}
${names(
  'These keys of the policy are not known, so nothing follows from them:',
  unreadKeys.map(({ place, nearest }) => (nearest === null ? place : `${place} (is ${nearest} meant?)`)),
)}
<p><small>${COVERAGE_CAVEAT}</small></p>`;
}

/** An identifier's coverage in a word. */
export function coverageState({
  status,
  applicable,
}: Pick<IdentifierCoverage, 'status' | 'applicable'>): Html {
  if (!applicable) return state('not applicable', 'calm');
  return state(status, status === 'full' ? 'good' : 'doubt');
}

const NAMED_AT_MOST = 50;

/** A policy can name as many as its length allows. */
function names(words: string, all: readonly string[]): Html {
  if (all.length === 0) return nothing;
  const shown = all.slice(0, NAMED_AT_MOST);
  const more = all.length - shown.length;
  return html`<p>${words} ${shown.map((name, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`)}${more === 0 ? '' : ` and ${formatCount(more)} more`}.</p>`;
}
