import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import {
  counted,
  dataTable,
  factTable,
  hash,
  NONE,
  name,
  nameList,
  number,
  sentence,
  textBlock,
} from '../../markup/parts.ts';
import { shorten } from '../../markup/printable.ts';
import type { Section, Source } from '../section.ts';
import { minute, ROW_NAME_LIMIT, whyNone } from './words.ts';

export const policies: Section<WideReport> = { title: 'Policies in force', name: 'policies', body };

type Policy = WideReport['policies'][number];

/** Policies whose facts and texts are printed; all are in the attached JSON. */
const PRINTED_LIMIT = 2;
/** Lines of all printed texts together. */
const LINES_LIMIT = 60;
const ROWS_LIMIT = 20;

function body({ report }: Source<WideReport>): Html {
  const { policies: all } = report;
  if (all.length === 0) return html`<p>${whyNone(report)}</p>`;
  const printed = all.slice(0, PRINTED_LIMIT);
  const lines = Math.floor(LINES_LIMIT / printed.length);
  const rest = all.length - printed.length;
  return html`${table(all)}${printed.map((policy) => present(policy, lines))}${
    rest > 0
      ? html`<p>The texts of ${counted(rest, 'more policy', 'more policies')} are in the attached JSON.</p>\n`
      : ''
  }`;
}

function table(all: readonly Policy[]): Html {
  const shown = all.slice(0, ROWS_LIMIT);
  const columns = [
    { label: 'Policy' },
    { label: 'Sessions', kind: 'number' },
    { label: 'First used, UTC' },
    { label: 'Last used, UTC' },
    { label: 'Identifiers fully covered', kind: 'number' },
  ] as const;
  const caption = `Policy versions in order of first use, ${number(shown.length)} of ${number(all.length)}`;
  return dataTable(
    { caption, columns, name: 'policies' },
    shown.map((policy) => [
      html`${name(shorten(policy.name, ROW_NAME_LIMIT))}, version ${policy.version}`,
      number(policy.sessions),
      minute(policy.first_used),
      minute(policy.last_used),
      number(Object.values(policy.safe_harbor_coverage).filter((status) => status === 'full').length),
    ]),
  );
}

function present(policy: Policy, lines: number): Html {
  const passthrough = policy.passthrough_kinds;
  return html`<h3>${name(policy.name)}, version ${policy.version}</h3>
${factTable('The policy', [
  ['Reaches the model unmasked', passthrough.length === 0 ? NONE : nameList(passthrough)],
  ['Logging', policy.logging],
  ['Retention', sentence(policy.retention)],
  ['SHA-256 of the text', hash(policy.sha256)],
])}${textBlock(policy.text, lines)}`;
}
