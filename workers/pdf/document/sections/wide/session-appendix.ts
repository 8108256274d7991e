import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { bandTables } from '../../markup/band-tables.ts';
import { type Html, html } from '../../markup/html.ts';
import { id, number } from '../../markup/parts.ts';
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
  { label: 'Started at, UTC', kind: 'code' },
  { label: 'Redactions' },
  { label: 'Log' },
] as const;

function body({ report }: Source<WideReport>): Html {
  const { sessions } = report;
  if (sessions.length === 0) return html`<p>${whyNone(report)}</p>`;
  const shown = sessions.slice(0, ROWS_LIMIT);
  const rows = shown.map(({ id: sessionId, started_at: startedAt, entries, redactions, state }) => [
    id(sessionId),
    html`<code>${minute(startedAt)}</code>`,
    `${number(redactions)} of ${number(entries)}`,
    state,
  ]);
  return html`<p>${number(shown.length)} of ${number(sessions.length)} verified sessions are listed by id, with the minute of their start, and how many of their
entries are redactions. The
attached file has all of them, with their times, roots and policies.</p>
${bandTables({ columns: COLUMNS, name: 'sessions', noun: 'Sessions', first: 1 }, rows)}`;
}
