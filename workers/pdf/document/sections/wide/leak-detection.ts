import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { dataTable, id, NONE, name, number, time } from '../../markup/parts.ts';
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
  { label: 'Time' },
  { label: 'Kind' },
  { label: 'Entity kind' },
] as const;

function body({ report }: Source<WideReport>): Html {
  const { statement, rehydration_failures: failures, events } = report.leak_detection;
  const said = html`<p>${statement} Rehydration failures in the logs: ${number(failures)}.</p>\n`;
  if (events.length === 0) return said;
  const shown = events.slice(0, ROWS_LIMIT);
  const caption = `Rehydration failures, ${number(shown.length)} of ${number(failures)} printed`;
  const rows = shown.map(({ session_id, seq, ts, kind, entity_kind }) => [
    id(session_id),
    seq,
    time(ts),
    name(kind),
    entity_kind === null ? NONE : name(entity_kind),
  ]);
  return html`${said}${dataTable({ caption, columns: COLUMNS, name: 'failures' }, rows)}`;
}
