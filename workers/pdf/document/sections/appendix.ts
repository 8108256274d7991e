import { type Html, type HtmlValue, html } from '../markup/html.ts';
import { type Column, dataTable, id, NONE, name, number } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const appendix: Section = { title: 'Appendix: events', name: 'appendix', body };

const COLUMNS: readonly Column[] = [
  { label: 'Event', kind: 'code' },
  { label: 'Seq', kind: 'number' },
  { label: 'Kind' },
  { label: 'Pass' },
  { label: 'Entity kind' },
];

function body({ report }: Source): Html {
  const { events_listed: events, events_total: total } = report;
  if (total === 0) return html`<p>The log holds no entry.</p>`;
  const rest = total - events.length;
  const caption = `Entries of the log, the first ${number(events.length)} of ${number(total)}`;
  const rows = events.map((event) => [
    id(event.id),
    event.seq,
    name(event.kind),
    orNone(event.pass),
    orNone(event.entity_kind),
  ]);
  return html`<p>${number(events.length)} of ${number(total)} entries are listed.${
    rest === 0
      ? ''
      : html` The other ${number(rest)} are in the audit log of ${id(report.session_id)} and under the Merkle root; of these,
<code>GET /api/v1/sessions/${report.session_id}</code> lists the redactions.`
  }</p>
${dataTable({ caption, columns: COLUMNS, name: 'events' }, rows)}`;
}

function orNone(text: string | null): HtmlValue {
  return text === null ? NONE : name(text);
}
