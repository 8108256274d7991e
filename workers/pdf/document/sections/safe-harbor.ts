import type { AnyReport, Report } from '../../../../shared/reports/report-schema.ts';
import { type Html, type HtmlValue, html } from '../markup/html.ts';
import { dataTable, nameList, number, sentence, status } from '../markup/parts.ts';
import type { SharedSection, Source } from './section.ts';

export const safeHarbor: SharedSection = { title: 'Safe Harbor matrix', name: 'safe-harbor', body };

const COLUMNS = [
  { label: 'Identifier' },
  { label: 'Status' },
  { label: 'Kinds that count' },
  { label: 'Detected', kind: 'number' },
  { label: 'Reason' },
] as const;

function body({ report }: Source<AnyReport>): Html {
  const { identifiers, basis, catalogue_version, caveat, unread_policy_keys, ...unmapped } =
    report.safe_harbor_detail;
  const caption = `The 18 identifiers of 45 CFR 164.514(b)(2)(i), A to R, by the rules ${catalogue_version}: ${basis}`;
  return html`<p class="caveat">${caveat}</p>
${dataTable({ caption, columns: COLUMNS, name: 'matrix' }, identifiers.map(presentIdentifier))}${presentUnknown(
  [
    [
      'Kinds of the policy that the catalogue does not know; they score nothing',
      unmapped.unmapped_policy_kinds,
    ],
    [
      'Kinds of redactions that the catalogue does not know; counted under no identifier',
      unmapped.unmapped_logged_kinds,
    ],
    [
      'Keys of the policy that are not known; no status follows from them',
      unread_policy_keys.map(describeUnread),
    ],
  ],
)}`;
}

type UnreadKey = Report['safe_harbor_detail']['unread_policy_keys'][number];
type Identifier = Report['safe_harbor_detail']['identifiers'][number];

function presentIdentifier(identifier: Identifier) {
  const { key, title, kinds, detected, reason } = identifier;
  return [
    html`<span class="letter">${key.slice(0, 1)}</span> ${title}`,
    coverageStatus(identifier),
    kinds.length === 0 ? html`<span class="none">none</span>` : kinds.join(', '),
    number(detected),
    sentence(reason),
  ];
}

function coverageStatus({ status: covered, applicable }: Identifier): Html {
  if (!applicable) return status('None: not applicable', 'plain');
  return {
    full: status('Full', 'good'),
    partial: status('Partial', 'fair'),
    none: status('None', 'bad'),
  }[covered];
}

function describeUnread({ place, nearest }: UnreadKey): string {
  return nearest === null ? place : `${place} (near ${nearest})`;
}

function presentUnknown(lists: readonly (readonly [label: string, names: readonly string[]])[]): HtmlValue {
  const found = lists.filter(([, names]) => names.length > 0);
  if (found.length === 0) {
    return html`<p>The catalogue knows every kind of the policy and of the redactions, and every key of the policy.</p>\n`;
  }
  return found.map(
    ([label, names]) => html`<p><span class="strong">${label}:</span> ${nameList(names)}.</p>\n`,
  );
}
