import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { dataTable, id, number } from '../../markup/parts.ts';
import type { Section, Source } from '../section.ts';
import { minute, whyNone } from './words.ts';

export const sessionAppendix: Section<WideReport> = {
  title: 'Appendix: sessions',
  name: 'appendix',
  body,
};

const ROWS_LIMIT = 1000;

const COLUMNS = [
  { label: 'Session', kind: 'code' },
  { label: 'Started at, UTC' },
  { label: 'Entries', kind: 'number' },
  { label: 'Redactions', kind: 'number' },
  { label: 'Log' },
] as const;

function body({ report }: Source<WideReport>): Html {
  const { sessions } = report;
  if (sessions.length === 0) return html`<p>${whyNone(report)}</p>`;
  const shown = sessions.slice(0, ROWS_LIMIT);
  const caption = `Verified sessions by id, the first ${number(shown.length)} of ${number(sessions.length)}`;
  const rows = shown.map(({ id: sessionId, started_at: startedAt, entries, redactions, state }) => [
    id(sessionId),
    minute(startedAt),
    number(entries),
    number(redactions),
    state,
  ]);
  return html`<p>${number(shown.length)} of ${number(sessions.length)} sessions are listed, with the minute of their start. The
attached file has all of them, with their times, roots and policies.</p>
${dataTable({ caption, columns: COLUMNS, name: 'sessions' }, rows)}`;
}
