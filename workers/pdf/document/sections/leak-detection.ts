import type { Report } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { type Column, dataTable, factTable, id, NONE, name, number } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const leakDetection: Section = { title: 'Leak detection', name: 'leak-detection', body };

const COLUMNS: readonly Column[] = [
  { label: 'Event', kind: 'code' },
  { label: 'Seq', kind: 'number' },
  { label: 'Kind' },
  { label: 'Entity kind' },
];

function body({ report }: Source): Html {
  const { statement, rehydration_failures: failures, events } = report.leak_detection;
  return html`<p>${statement}</p>
${factTable('Rehydration failures', [['In the log', number(failures)]])}${events.length === 0 ? '' : eventTable(events, failures)}`;
}

function eventTable(events: Report['leak_detection']['events'], total: number): Html {
  const caption = `Rehydration failures, ${number(events.length)} of ${number(total)} listed`;
  const rows = events.map((event) => [
    id(event.id),
    event.seq,
    name(event.kind),
    event.entity_kind === null ? NONE : name(event.entity_kind),
  ]);
  return dataTable({ caption, columns: COLUMNS, name: 'events' }, rows);
}
