// How far a report is that is made in the background, and what can be done with it now. The page shows it, and the stream
// of events sends it again whenever it changes.
import type { z } from 'zod';
import type { reportJobResponse } from '../../../routes/reports/job-schema.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { formatDuration, time } from '../../markup/time.ts';

export type ShownJob = z.infer<typeof reportJobResponse>;

/** Whether a job has ended: its page changes no more, but for bytes that expire. */
export function hasEnded({ status }: Pick<ShownJob, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}

/** A job's state in one sentence: for the live region too. */
export function describeState({ status, progress, error }: ShownJob): string {
  switch (status) {
    case 'queued':
      return 'The report waits for a worker to begin.';
    case 'running':
      return describeProgress(progress);
    case 'ready':
      return 'The report is ready.';
    case 'expired':
      return 'The file is removed. The ledger keeps what was reported.';
    case 'failed':
      return error?.code === 'cancelled' ? 'The report was cancelled.' : 'The report could not be made.';
  }
}

const NEXT = {
  composing: 'The report is written.',
  printing: 'The report is printed.',
  storing: 'The report is stored.',
} as const;

function describeProgress(progress: ShownJob['progress']): string {
  if (!progress) return 'The report begins: the sessions of the window are counted.';
  const { stage, sessions_done: done, sessions_total: total, seconds_left: left } = progress;
  if (stage === 'listing' || total === null)
    return 'The report begins: the sessions of the window are listed.';
  if (stage !== 'walking') return `All ${formatCount(done)} sessions are checked. ${NEXT[stage]}`;
  const rest = left === null ? '' : ` About ${left < 60 ? `${left} s` : formatDuration(left * 1_000)} left.`;
  return `${formatCount(done)} of ${formatCount(total)} sessions checked.${rest}`;
}

/** `fileName` is the one that a download gets. */
export type StateFacts = Readonly<{ timeZone: string; fileName: string }>;

/** `announced` is what the live region says, where it says anything. */
export function reportState(job: ShownJob, known: StateFacts, announced: string | null = null): Html {
  const announce = announced === null ? nothing : html` data-announce="${announced}"`;
  return html`<div${announce}>
<p>${stateWord(job)} ${describeState(job)}</p>
${hasEnded(job) ? outcome(job, known) : underWay(job)}
</div>`;
}

/** A job's state in a word. */
export function stateWord({ status, error }: Pick<ShownJob, 'status' | 'error'>): Html {
  switch (status) {
    case 'queued':
      return state('waiting', 'calm');
    case 'running':
      return state('under way', 'calm');
    case 'ready':
      return state('ready', 'good');
    case 'expired':
      return state('removed', 'calm');
    case 'failed':
      return error?.code === 'cancelled' ? state('cancelled', 'calm') : state('failed', 'bad');
  }
}

function underWay({ id, progress }: ShownJob): Html {
  const total = progress?.sessions_total ?? null;
  const value =
    progress && total !== null
      ? html` value="${progress.sessions_done}" max="${Math.max(1, total)}"`
      : nothing;
  return html`<progress id="progress" aria-label="Sessions checked"${value}></progress>
<form class="buttons" method="post" action="/reports/${id}/cancel"><button id="cancel" type="submit">Cancel the report</button></form>
<p><small>You may leave this page: the report stays under <a href="/reports">Reports</a>.</small></p>`;
}

function outcome(job: ShownJob, known: StateFacts): Html {
  if (job.status === 'ready') return ready(job, known);
  if (job.status === 'failed' && job.error?.code !== 'cancelled') return failed(job);
  return html`<div class="buttons">${againForm(job, 'Make it again', job.exceptions)}</div>`;
}

function ready(job: ShownJob, { timeZone, fileName }: StateFacts): Html {
  return html`<p class="buttons"><a id="download" class="button" href="${job.content ?? ''}" download>Download the ${job.format.toUpperCase()} (${formatSize(job.size ?? 0)})</a></p>
${facts([
  ['File', html`<code>${fileName}</code>`],
  ['SHA-256', html`<code>${job.sha256 ?? ''}</code>`],
  ['Merkle root', html`<code>${job.merkle_root_hex ?? ''}</code>`],
  [
    'Kept until',
    html`${job.expires_at === null ? '–' : time(job.expires_at, timeZone)}. Then the file is removed; the ledger keeps its row.`,
  ],
  ['Check it', howToCheck(job.format, fileName)],
  ['For programs', html`<a href="/api/v1/reports/${job.id}">/api/v1/reports/${job.id}</a>`],
])}`;
}

/** A CSV is no report by itself: nothing in it names its own log. */
function howToCheck(format: string, fileName: string): Html {
  if (format === 'csv') {
    return html`<code>sha256sum ${fileName}</code> prints the SHA-256 above. A PDF or JSON can be checked against the logs.`;
  }
  return html`<code>npm run verify -- ${fileName}</code> compares the file with the logs, the policies and the ledger, on the
machine that has the database. <code>sha256sum ${fileName}</code> prints the SHA-256 above.`;
}

function failed(job: ShownJob): Html {
  const { code, reason, message } = job.error ?? { code: '', reason: null, message: '' };
  return html`<div class="notice bad"><p>${whyNot(code, reason)}</p>
<p><small>${message}</small></p></div>
<div class="buttons">${nextStep(job, code, reason)}</div>
<p>An operator finds the failure under <code>${job.id}</code>.</p>`;
}

/** Why there is no report, for people; the message behind it says which logs, which window, which setting. */
function whyNot(code: string, reason: string | null): string {
  if (reason !== null && Object.hasOwn(REASONS, reason)) return REASONS[reason] as string;
  if (code === 'validation_failed') return 'The window holds too much for one report.';
  if (code === 'unavailable') return 'The workers of this deployment make no PDF. Order the report as JSON.';
  return 'The service failed. Try again; if it fails again, tell an operator.';
}

const REASONS: Readonly<Record<string, string>> = {
  log_failed:
    'Logs of this window failed their check, so no report was made. A report that lists them can be made now.',
  key_missing:
    'Logs of this window could not be checked, since their audit key is not configured. An operator can add the key, or a report that lists them can be made now.',
  key_out_of_scope:
    'Logs of this window are under an audit key that may not sign for them. A report that lists them can be made now.',
  leak_scan: 'The report might show what has to stay masked, so it was not made. Tell an operator.',
  policy_missing:
    'A policy that was in force is not stored as the sessions record it, or cannot be read. Tell an operator.',
  account_log:
    'The account log does not agree with what is stored, so no report was made: something may have been deleted or changed. Tell an operator.',
  stored_bytes:
    'What is stored of this report is not what this service made: somebody changed it. Nothing of it is told or handed out. Order the report again, and tell an operator.',
  stored_order:
    'The stored order of this report is not one that this service took: it was changed, or it is from before an upgrade. Nothing is made or handed out by it. Order the report again.',
  renderer: 'The PDF could not be printed. Try again, or order the report as JSON.',
};

/** What makes a report after all. */
function nextStep(job: ShownJob, code: string, reason: string | null): Html {
  const canList = reason === 'log_failed' || reason === 'key_missing' || reason === 'key_out_of_scope';
  if (canList && job.exceptions === 'refuse') {
    return html`${againForm(job, 'Make it and list the logs that are not verified', 'list')}
<a href="/sessions">Look at the sessions</a>`;
  }
  if (reason === 'stored_order') return html`<a class="button" href="/reports">Order it again</a>`;
  if (code === 'validation_failed')
    return html`<a class="button" href="/reports">Choose a shorter window</a>`;
  return againForm(job, 'Try again', job.exceptions);
}

function againForm({ id }: ShownJob, label: string, exceptions: ShownJob['exceptions']): Html {
  return html`<form method="post" action="/reports/${id}/again"><input type="hidden" name="exceptions" value="${exceptions}">
<button type="submit">${label}</button></form>`;
}

/** Such as `820 bytes`, `12.4 KB`, `1.3 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
