import { bandTables } from '../markup/band-tables.ts';
import { type Html, html } from '../markup/html.ts';
import { id, number } from '../markup/parts.ts';
import { EVENT_COLUMNS, eventRows } from './event-rows.ts';
import type { Section, Source } from './section.ts';

export const appendix: Section = { title: 'Appendix: events', name: 'appendix', body };

const EVENT_TABLE = { columns: EVENT_COLUMNS, name: 'events', noun: 'Entries', first: 0 };

function body({ report }: Source): Html {
  const { events_listed: events, events_total: total } = report;
  if (total === 0) return html`<p>The log holds no entry.</p>`;
  const rest = total - events.length;
  return html`<p>${number(events.length)} of ${number(total)} entries are listed, with the time that each states. A row that names no
other kind is a redaction. A date holds for the rows below it, too.${
    rest === 0
      ? ''
      : html` The other ${number(rest)} are in the audit log of ${id(report.session_id)} and under the Merkle root; of these,
<code>GET /api/v1/sessions/${report.session_id}</code> lists the redactions.`
  }</p>
${bandTables(EVENT_TABLE, eventRows(events))}`;
}
