// Safe Harbor coverage of a policy for people: the same reading of its text that reports use.
import type { Coverage, IdentifierCoverage } from '../../../../shared/policy/assess-coverage.ts';
import { COVERAGE_CAVEAT } from '../../../../shared/reports/wording.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';

/** How far a policy covers the 18 identifiers, why, and what in it counts for nothing. */
export function coverageSection(coverage: Coverage): Html {
  return html`<p>${summarize(coverage)}</p>
${table(
  coverage.identifiers,
  [
    {
      heading: 'Identifier',
      holds: 'text',
      cell: ({ key, title }) => html`${key.slice(0, 1)} · ${title}`,
    },
    { heading: 'Covered', cell: coverageState },
    {
      heading: 'Masked kinds',
      cell: ({ kinds }) => (kinds.length === 0 ? 'none' : kinds.join(', ')),
    },
    { heading: 'Why', holds: 'text', cell: ({ reason }) => sentence(reason) },
  ],
  {
    caption: `The 18 identifiers of 45 CFR 164.514(b)(2)(i), by the rules ${coverage.catalogueVersion}`,
    empty: 'No identifier is known.',
  },
)}
${namesLine('Kinds that reach the model unmasked', coverage.passthroughKinds)}
${namesLine('Kinds that the rules do not know; they count for nothing', coverage.unmappedKinds)}
${namesLine(
  'Keys that are not known; nothing follows from them',
  coverage.unreadKeys.map(({ place, nearest }) =>
    nearest === null ? place : `${place} (is ${nearest} meant?)`,
  ),
)}
<p><small>${COVERAGE_CAVEAT}</small></p>`;
}

function summarize({ identifiers }: Coverage): string {
  const applicable = identifiers.filter((identifier) => identifier.applicable);
  const count = (wanted: IdentifierCoverage['status']) =>
    applicable.filter(({ status }) => status === wanted).length;
  return `Of the ${applicable.length} identifiers that can occur in a conversation, ${count('full')} are covered in full, ${count('partial')} in part, and ${count('none')} not at all.`;
}

/** An identifier's coverage in a word. */
export function coverageState({
  status,
  applicable,
}: Pick<IdentifierCoverage, 'status' | 'applicable'>): Html {
  if (!applicable) return state('not applicable', 'calm');
  return { full: state('in full', 'good'), partial: state('in part', 'doubt'), none: state('no', 'bad') }[
    status
  ];
}

function sentence(text: string): string {
  return text === '' ? '–' : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

const NAMED_AT_MOST = 50;

function namesLine(label: string, names: readonly string[]): Html {
  if (names.length === 0) return nothing;
  const more = names.length > NAMED_AT_MOST ? ` and ${formatCount(names.length - NAMED_AT_MOST)} more` : '';
  return html`<p><strong>${label}:</strong> ${names.slice(0, NAMED_AT_MOST).join(', ')}${more}.</p>`;
}
