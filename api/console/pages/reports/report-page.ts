// The page of one report that was ordered for the background, and its forms.
import { z } from 'zod';
import type { ReportJob } from '../../../../shared/reports/report-job.ts';
import { fileStem } from '../../../../shared/reports/subject.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { recordAct } from '../../../http/record-access.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { findJob } from '../../../routes/reports/find-job.ts';
import { reportJobParams } from '../../../routes/reports/job-schema.ts';
import { presentJob } from '../../../routes/reports/present-job.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html } from '../../markup/html.ts';
import { partAttributes } from '../../markup/part.ts';
import { time } from '../../markup/time.ts';
import { defineForm, definePage, type FormInput, type PageContent, type Redirect } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { type PlaceDeps, placeOrder } from './place-order.ts';
import { aboutReport, askedBy, type NameDeps, type ReportNames, readNames } from './report-names.ts';
import { hasEnded, reportState, type ShownJob } from './report-state.ts';
import { knownZone, nameWindow } from './windows.ts';

type JobInput = RouteInput<typeof reportJobParams, typeof none>;

export const REPORT_PAGE = definePage({
  path: '/reports/{report_id}',
  summary: 'Shows how far a report in the background is, and its download.',
  permission: 'reports:read',
  params: reportJobParams,
  query: none,
  errors: ['report_not_found'],
  show: showReport,
});

export const CANCEL_REPORT_FORM = defineForm({
  path: '/reports/{report_id}/cancel',
  summary: 'Cancels a report that waits or is under way; one that is ready stays.',
  permission: 'reports:read',
  params: reportJobParams,
  fields: none,
  errors: ['report_not_found'],
  submit: cancelReport,
});

const againFields = z.object({
  exceptions: z.enum(['refuse', 'list'], 'exceptions must be given once, refuse or list.').optional(),
});

export const REPEAT_REPORT_FORM = defineForm({
  path: '/reports/{report_id}/again',
  summary: 'Orders the same report once more.',
  permission: 'reports:read',
  params: reportJobParams,
  fields: againFields,
  errors: ['report_not_found'],
  submit: repeatReport,
});

async function showReport(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger'> & NameDeps,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  const job = await findJob(deps, accountId, params.report_id);
  const shown = presentJob(job, new Date());
  const names = await readNames(deps, accountId, [shown]);
  const timeZone = timeZoneOf(ctx);
  const state = reportState(shown, { timeZone, fileName: fileNameOf(job) });
  return {
    title: shown.window ? `Report on ${nameWindow(shown.window)}` : 'Report whose order does not hold',
    main: html`${hasEnded(shown) ? state : live(shown, state)}
${orderFacts(shown, names, timeZone)}
<p><a href="/reports">All reports</a></p>`,
  };
}

/** The name that a download gets. */
export function fileNameOf(job: ReportJob): string {
  return `${fileStem(job.subject, job.accountId)}.${job.format}`;
}

const WORDS = {
  failed: 'This page could not learn how far the report is',
  older: 'What is shown below is from before. The page asks again by itself.',
} as const;

/** The state, which follows the stream of events; without scripts the page is loaded again. */
function live({ id }: ShownJob, shown: Html): Html {
  return html`<section ${partAttributes('progress-of-report', WORDS)} aria-label="Progress" hx-sse:connect="/reports/${id}/events" hx-sse:close="report-ended" hx-trigger="load, again" hx-swap="innerMorph">
${shown}
</section>
<noscript><p>Reload the page to see how far the report is; it does so by itself every 5 seconds.</p><meta http-equiv="refresh" content="5"></noscript>`;
}

function orderFacts(job: ShownJob, names: ReportNames, timeZone: string): Html {
  const { window, user_id: userId } = job;
  // Nothing of an order that does not hold is told.
  if (window === null || userId === null) return html`${facts([['Id', html`<code>${job.id}</code>`]])}`;
  const { since, until } = window;
  const tz = knownZone(window.tz);
  return html`<h2>What was ordered</h2>
${facts([
  ['About', aboutReport(job, names)],
  [
    'Window',
    html`${nameWindow(window)}: sessions that started from ${time(since, tz)} until ${time(until, tz)}, by the clocks of ${tz}`,
  ],
  ['Format', job.format.toUpperCase()],
  [
    'If a log is not verified',
    job.exceptions === 'list' ? 'The report lists it and counts nothing of it' : 'No report is made',
  ],
  ['Ordered', html`${time(job.ordered_at, timeZone)} by ${askedBy(userId, names)}`],
  ...(job.finished_at === null ? [] : [['Finished', time(job.finished_at, timeZone)] as const]),
  ['Id', html`<code>${job.id}</code>`],
])}`;
}

async function cancelReport(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger' | 'reportFiles' | 'recordAccess'>,
  ctx: ApiContext,
  { params }: FormInput<typeof reportJobParams, typeof none>,
): Promise<Redirect> {
  const { accountId } = ctx.state.actor;
  const { id, status } = await findJob(deps, accountId, params.report_id);
  if (status !== 'queued' && status !== 'running') return { redirectTo: `/reports/${id}` };
  await recordAct(deps, ctx, 'report.delete', id);
  // One that became ready while its reader pressed the button keeps its bytes.
  if (await deps.reportJobs.cancelUnfinished(accountId, id, new Date())) {
    await deps.reportFiles.removeAll(accountId, id);
  }
  return { redirectTo: `/reports/${id}` };
}

async function repeatReport(
  deps: PlaceDeps & Pick<ApiDeps, 'ledger'>,
  ctx: ApiContext,
  { params, fields }: FormInput<typeof reportJobParams, typeof againFields>,
): Promise<PageContent | Redirect> {
  const job = await findJob(deps, ctx.state.actor.accountId, params.report_id);
  // Its page says that it is to be ordered anew: whoever changed the order would choose what is ordered here.
  if (job.orderFault !== null) return { redirectTo: `/reports/${job.id}` };
  const { subject, format, paper } = job;
  const exceptions = fields.exceptions ?? job.exceptions;
  return await placeOrder(deps, ctx, { subject, format, paper, exceptions });
}
