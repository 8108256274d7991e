import type { ReportJob } from '../../../../shared/reports/report-job.ts';
import { jobPath } from '../../../routes/reports/present-job.ts';
import type { LedgerRow } from '../../../routes/reports/schema.ts';
import { type Html, type HtmlValue, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { aboutReport, askedBy, type ReportNames } from './report-names.ts';
import { nameWindow } from './windows.ts';

export type LedgerFacts = Readonly<{
  names: ReportNames;
  /** Reports whose bytes can be fetched, by id. */
  kept: ReadonlyMap<string, ReportJob>;
  /** Whether the reader may see the account log. */
  maySeeLog: boolean;
  timeZone: string;
}>;

/** Rows of the ledger, as the API presents them. */
export function ledgerTable(
  rows: readonly LedgerRow[],
  { names, kept, maySeeLog, timeZone }: LedgerFacts,
): Html {
  return table(
    rows,
    [
      { heading: 'Issued', cell: ({ generated_at }) => time(generated_at, timeZone) },
      { heading: 'About', holds: 'name', cell: (row) => aboutReport(row, names) },
      {
        heading: 'Window',
        cell: ({ since, until }) => nameSpan(since, until, timeZone),
      },
      { heading: 'File', cell: ({ id }) => download(kept.get(id)) },
      ...(maySeeLog ? [{ heading: 'Evidence', cell: evidence }] : []),
      { heading: 'By', holds: 'name', cell: ({ user_id }) => askedBy(user_id, names) },
      { heading: 'SHA-256', cell: digests },
      { heading: 'Id', cell: ({ id }) => html`<code>${id}</code>` },
    ],
    {
      caption: `Every report that was issued, newest first. Times are in ${timeZone}.`,
      empty: 'No report was issued yet. The first one that you make stands here for good.',
    },
  );
}

function nameSpan(since: string, until: string | null, tz: string): HtmlValue {
  return until === null ? html`${time(since, tz)} on` : nameWindow({ since, until, tz, period: null });
}

function download(job: ReportJob | undefined): Html {
  if (!job) return html`not kept`;
  return html`<a href="${jobPath(job.id, '/content')}" download>Download ${job.format.toUpperCase()}</a>`;
}

/** The signed statement, and the proof that the account log holds the report. */
function evidence({ id, statement, proof, log_index: index }: LedgerRow): Html {
  if (statement === null) return html`not signed`;
  const logged =
    proof === null || index === null
      ? 'not logged yet'
      : html`<a href="${proof}" aria-label="Proof of ${id}">Proof</a> (log entry ${formatCount(index)})`;
  return html`<a href="${statement}" aria-label="Statement of ${id}">Statement</a>, ${logged}`;
}

/** Each digest is shortened, and whole once it is opened, to be compared and copied. */
function digests({ json_sha256, pdf_sha256, csv_sha256 }: LedgerRow): Html {
  const all = [
    ...(pdf_sha256 === null ? [] : [['PDF', pdf_sha256]]),
    ...(csv_sha256 === null ? [] : [['CSV', csv_sha256]]),
    ['JSON', json_sha256],
  ] as const;
  return html`${all.map(
    ([of, hex]) =>
      html`<details class="digest"><summary>${of} <code>${(hex ?? '').slice(0, 12)}…</code></summary><code>${hex ?? ''}</code></details>`,
  )}`;
}
