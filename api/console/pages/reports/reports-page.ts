// The reports of the account: the form for a new one, those under way and kept, and the ledger.
import type { ReportJob } from '../../../../shared/reports/report-job.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { listLedger } from '../../../routes/reports/list-ledger.ts';
import { presentJob, statusAt } from '../../../routes/reports/present-job.ts';
import { ledgerPageQuery } from '../../../routes/reports/schema.ts';
import { csvLink } from '../../markup/csv-link.ts';
import { html, nothing } from '../../markup/html.ts';
import { pager } from '../../markup/pager.ts';
import { listPart } from '../../markup/part.ts';
import { maySee } from '../../page/may-see.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { jobsTable } from './jobs-table.ts';
import { ledgerTable } from './ledger-table.ts';
import { orderForm } from './order-form.ts';
import { agentsOffered } from './order-page.ts';
import { type NameDeps, readNames } from './report-names.ts';

export const REPORTS_PAGE = definePage({
  path: '/reports',
  summary: 'Takes orders for reports, shows those under way, and lists the ledger.',
  permission: 'reports:read',
  navigation: { label: 'Reports', group: 'evidence' },
  params: none,
  query: ledgerPageQuery,
  compressed: true,
  takesTurns: true,
  errors: [],
  show: showReports,
});

/** Reports under way or kept that the page shows; the ledger has all that were issued. */
const JOBS_SHOWN = 20;

async function showReports(
  deps: Pick<ApiDeps, 'ledger' | 'cursors' | 'reportJobs'> & NameDeps,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof ledgerPageQuery>,
): Promise<PageContent> {
  const { actor } = ctx.state;
  const { accountId } = actor;
  const [now, timeZone] = [new Date(), timeZoneOf(ctx)];
  const given = new URLSearchParams(ctx.querystring);
  const isFirst = query.cursor === undefined;
  const [ledger, jobs, agents] = await Promise.all([
    listLedger(deps, accountId, query),
    isFirst ? deps.reportJobs.list(accountId, JOBS_SHOWN) : [],
    isFirst ? agentsOffered(deps, accountId, undefined) : NO_AGENTS,
  ]);
  const shown = jobs.map((job) => presentJob(job, now)).filter(({ status }) => status !== 'expired');
  const [names, kept] = await Promise.all([
    readNames(deps, accountId, [...shown, ...ledger.data], agents),
    isFirst && jobs.length < JOBS_SHOWN
      ? readyAmong(jobs, now)
      : deps.reportJobs.findReady(
          accountId,
          ledger.data.map(({ id }) => id),
          now,
        ),
  ]);
  const order = { chosen: {}, agents, timeZone, now, problem: null };
  return {
    title: 'Reports',
    main: html`${
      isFirst
        ? html`<h2>Make a report</h2>
${orderForm(order)}
<h2>Under way and kept</h2>
${jobsTable(shown, names, timeZone)}`
        : nothing
    }
<h2>Ledger</h2>
${listPart(
  { count: ledger.data.length, hasMore: ledger.next_cursor !== null },
  html`${ledgerTable(ledger.data, { names, kept, maySeeLog: maySee(actor, 'log:read'), timeZone })}
${pager('/reports', given, ledger.next_cursor)}
${csvLink('/reports/ledger', given, 'Download the ledger (CSV)')}`,
)}`,
  };
}

/** Where the list has all of the account's jobs, none has to be looked for. */
function readyAmong(jobs: readonly ReportJob[], now: Date): ReadonlyMap<string, ReportJob> {
  const ready = jobs.filter((job) => statusAt(job, now) === 'ready');
  return new Map(ready.map((job) => [job.id, job]));
}

const NO_AGENTS: ReadonlyMap<string, string> = new Map();
