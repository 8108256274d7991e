import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { dataTable, factTable, id, NONE, name, number } from '../../markup/parts.ts';
import type { Section, Source } from '../section.ts';

export const wideLeakDetection: Section<WideReport> = {
  title: 'Leak detection',
  name: 'leak-detection',
  body,
};

/** Failures printed; the attached JSON has up to 1,000. */
const ROWS_LIMIT = 30;

const COLUMNS = [
  { label: 'Session', kind: 'code' },
  { label: 'Seq', kind: 'number' },
  { label: 'Kind' },
  { label: 'Entity kind' },
] as const;

function body({ report }: Source<WideReport>): Html {
  const { statement, rehydration_failures: failures, events } = report.leak_detection;
  const facts = factTable('Rehydration failures', [['In the logs', number(failures)]]);
  if (events.length === 0) return html`<p>${statement}</p>\n${facts}`;
  const shown = events.slice(0, ROWS_LIMIT);
  const caption = `Rehydration failures, ${number(shown.length)} of ${number(failures)} printed`;
  const rows = shown.map(({ session_id, seq, kind, entity_kind }) => [
    id(session_id),
    seq,
    name(kind),
    entity_kind === null ? NONE : name(entity_kind),
  ]);
  return html`<p>${statement}</p>\n${facts}${dataTable({ caption, columns: COLUMNS, name: 'events' }, rows)}`;
}
