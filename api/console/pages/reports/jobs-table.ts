import { type Html, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { aboutReport, askedBy, type ReportNames } from './report-names.ts';
import { formatSize, type ShownJob, stateWord } from './report-state.ts';
import { nameWindow } from './windows.ts';

/** Reports that are under way, ready, or failed. */
export function jobsTable(jobs: readonly ShownJob[], names: ReportNames, timeZone: string): Html {
  return table(
    jobs,
    [
      {
        heading: 'Window',
        cell: ({ id, window }) =>
          html`<a href="/reports/${id}">${window ? nameWindow(window) : 'not known'}</a>`,
      },
      { heading: 'State', cell: (job) => html`${stateWord(job)} ${howFar(job)}` },
      { heading: 'Next', cell: nextStep },
      { heading: 'About', holds: 'name', cell: (job) => (job.window ? aboutReport(job, names) : '–') },
      { heading: 'Format', cell: ({ format }) => format.toUpperCase() },
      {
        heading: 'Ordered',
        holds: 'name',
        cell: ({ ordered_at, user_id }) =>
          user_id === null ? '–' : html`${time(ordered_at, timeZone)} by ${askedBy(user_id, names)}`,
      },
    ],
    {
      caption: 'Reports in the background, newest first.',
      empty:
        'No report is under way, and none is kept. What you order above stands here until its file is removed.',
    },
  );
}

function howFar({ status, progress }: ShownJob): string {
  const total = progress?.sessions_total ?? null;
  if (status !== 'running' || !progress || total === null) return '';
  return `${formatCount(progress.sessions_done)} of ${formatCount(total)} sessions`;
}

function nextStep({ id, status, content, size, format }: ShownJob): Html {
  if (status === 'ready' && content !== null) {
    return html`<a href="${content}" download>Download ${format.toUpperCase()}</a> (${formatSize(size ?? 0)})`;
  }
  const label = status === 'failed' ? 'See why' : 'Follow it';
  return html`<a href="/reports/${id}">${label}</a>`;
}
