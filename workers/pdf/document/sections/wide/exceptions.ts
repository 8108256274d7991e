import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, dataTable, id, name, number } from '../../markup/parts.ts';
import { shorten } from '../../markup/printable.ts';
import type { Section, Source } from '../section.ts';
import { minute, ROW_NAME_LIMIT } from './words.ts';

export const exceptions: Section<WideReport> = { title: 'Exceptions', name: 'exceptions', body };

/** With the other limits, the pages on 10,000 sessions stay within 40. */
const ROWS_LIMIT = 100;

const COLUMNS = [
  { label: 'Session', kind: 'code' },
  { label: 'Started at, UTC' },
  { label: 'Verdict' },
  { label: 'What was found' },
] as const;

function body({ report: { exceptions: all, completeness } }: Source<WideReport>): Html {
  const gone = completeness.sessions_gone.length;
  const goneLine =
    gone === 0
      ? ''
      : html`<p>${counted(gone, 'session')} counted before the walk and gone when it came to them: the attached JSON names
each.</p>\n`;
  if (all.length === 0) return html`<p>None: every log that was walked is verified.</p>\n${goneLine}`;
  const shown = all.slice(0, ROWS_LIMIT);
  const rest = all.length - shown.length;
  const caption = `Logs that are not verified, ${number(shown.length)} of ${number(all.length)}`;
  return html`<p>These sessions are in no total, and under no leaf of the Merkle root.</p>
${dataTable({ caption, columns: COLUMNS, name: 'exceptions' }, shown.map(present))}${
  rest > 0 ? html`<p>${counted(rest, 'more exception')} in the attached JSON.</p>\n` : ''
}${goneLine}`;
}

function present(exception: WideReport['exceptions'][number]) {
  const { session_id, started_at, verdict, fault, seq, key_id } = exception;
  return [
    id(session_id),
    minute(started_at),
    verdict === 'failed' ? 'failed' : 'could not be checked',
    verdict === 'failed'
      ? `${fault} at seq ${seq}`
      : key_id === null
        ? 'its row in the database is damaged'
        : html`audit key ${name(shorten(key_id, ROW_NAME_LIMIT))} is not configured`,
  ];
}
