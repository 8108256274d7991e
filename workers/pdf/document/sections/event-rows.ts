// Rows of entries, narrow enough for two columns on a page: place, time, what it was, id.
import type { Report } from '../../../../shared/reports/report-schema.ts';
import { type HtmlValue, html } from '../markup/html.ts';
import { type Column, id, NONE, name } from '../markup/parts.ts';

export const EVENT_COLUMNS: readonly Column[] = [
  { label: 'Seq', kind: 'number' },
  { label: 'Time, UTC', kind: 'code' },
  { label: 'Kind, pass' },
  { label: 'Event', kind: 'code' },
];

type ListedEvent = Report['events_listed'][number];

const REDACTION = 'redaction';

/** A row a entry. The day stands where it is another than in the row above. */
export function eventRows(events: readonly ListedEvent[]): (readonly HtmlValue[])[] {
  let day = '';
  return events.map((event) => {
    const [date = '', clock = ''] = event.ts?.replace('Z', '').split('T') ?? [];
    const isNew = date !== day;
    day = date;
    const when = html`<code>${isNew ? html`${date} <br>` : ''}${clock}</code>`;
    return [event.seq, event.ts === null ? NONE : when, whatOf(event), id(event.id)];
  });
}

/** Of a redaction the kind of the entity alone: most entries are redactions. */
function whatOf({ kind, pass, entity_kind: entityKind }: ListedEvent): HtmlValue {
  const words = [
    ...(kind === REDACTION ? [] : [kind]),
    ...[entityKind, pass].filter((text) => text !== null),
  ];
  return words.map((text, index) => html`${index === 0 ? '' : ', '}${name(text)}`);
}
