import type { Report } from '../../../../shared/reports/report-schema.ts';
import { bandTables } from '../markup/band-tables.ts';
import { type Html, html } from '../markup/html.ts';
import { number } from '../markup/parts.ts';
import { EVENT_COLUMNS, eventRows } from './event-rows.ts';
import type { Section, Source } from './section.ts';

export const leakDetection: Section = { title: 'Leak detection', name: 'leak-detection', body };

/** Failures printed; the attached JSON has up to 1,000. */
const ROWS_LIMIT = 100;

function body({ report }: Source): Html {
  const { statement, rehydration_failures: failures, events } = report.leak_detection;
  return html`<p>${statement} Rehydration failures in the log: ${number(failures)}.</p>
${events.length === 0 ? '' : eventTable(events, failures)}`;
}

function eventTable(events: Report['leak_detection']['events'], total: number): Html {
  const shown = events.slice(0, ROWS_LIMIT);
  const rows = eventRows(shown.map((event) => ({ ...event, pass: null })));
  return html`<p>The first ${number(shown.length)} of ${number(total)}:</p>
${bandTables({ columns: EVENT_COLUMNS, name: 'events', noun: 'Failures', first: 1 }, rows)}`;
}
