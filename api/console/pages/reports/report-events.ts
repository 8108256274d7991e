// The stream of events that a report's page follows while the report is made: its state, whenever that changes.

import { z } from 'zod';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { eventSignal, type ServerEvent, sendEvents, setEventHeaders } from '../../../http/event-stream.ts';
import { defineRoute, none, type RouteInput } from '../../../http/route-spec.ts';
import { findJob } from '../../../routes/reports/find-job.ts';
import { reportJobParams } from '../../../routes/reports/job-schema.ts';
import { presentJob } from '../../../routes/reports/present-job.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { createAnnouncer } from './announcer.ts';
import { fileNameOf } from './report-page.ts';
import { describeState, hasEnded, reportState } from './report-state.ts';

export const REPORT_EVENTS_ROUTE = defineRoute({
  method: 'get',
  path: '/reports/{report_id}/events',
  summary: 'Sends the state of a report in the background whenever it changes, until the report has ended.',
  permission: 'reports:read',
  params: reportJobParams,
  query: none,
  kind: 'text',
  response: z.string(),
  errors: ['report_not_found'],
  handler: sendReportEvents,
  head: headReportEvents,
});

type JobInput = RouteInput<typeof reportJobParams, typeof none>;

const LOOK_EVERY_MS = 500;
const BEAT_MS = 10_000;
/** The login is checked when a stream begins: a browser connects again, and one whose login has ended is refused. */
const LIFE_MS = 60_000;
const ANNOUNCE_EVERY_MS = 5_000;
/** Streams that one account may hold open in this process. */
const STREAMS_PER_ACCOUNT = 8;
/** A reader beyond that number is told the state, and asks again so much later. */
const ASK_AGAIN_MS = 5_000;

const streams = new Map<string, number>();

async function sendReportEvents(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger'>,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const { id } = await findJob(deps, accountId, params.report_id);
  const signal = eventSignal(ctx, LIFE_MS);
  const isOverBound = !takeStream(accountId, signal);
  const follow = followReport(deps, ctx, id);
  let isOver = false;
  const next = async (): Promise<readonly ServerEvent[] | null> => {
    if (isOver) return null;
    const { events, hasEnded: ended } = await follow();
    isOver = ended || isOverBound;
    return isOverBound && !ended ? events.map((event) => ({ ...event, retryMs: ASK_AGAIN_MS })) : events;
  };
  sendEvents(ctx, next, { signal, everyMs: LOOK_EVERY_MS, beatMs: BEAT_MS });
}

async function headReportEvents(
  deps: Pick<ApiDeps, 'reportJobs' | 'ledger'>,
  ctx: ApiContext,
  { params }: JobInput,
): Promise<void> {
  await findJob(deps, ctx.state.actor.accountId, params.report_id);
  setEventHeaders(ctx);
}

/** False where the account holds as many streams as it may. A stream is given back when its signal aborts. */
function takeStream(accountId: string, signal: AbortSignal): boolean {
  const held = streams.get(accountId) ?? 0;
  if (held >= STREAMS_PER_ACCOUNT) return false;
  streams.set(accountId, held + 1);
  const giveBack = () => {
    const left = (streams.get(accountId) ?? 1) - 1;
    if (left === 0) streams.delete(accountId);
    else streams.set(accountId, left);
  };
  // A signal that has aborted already tells no one.
  if (signal.aborted) giveBack();
  else signal.addEventListener('abort', giveBack, { once: true });
  return true;
}

const ENDED: ServerEvent = { name: 'report-ended', data: '' };

/** Gives the state where it has changed since the last call. */
function followReport(deps: Pick<ApiDeps, 'reportJobs' | 'ledger'>, ctx: ApiContext, id: string) {
  const { accountId } = ctx.state.actor;
  const timeZone = timeZoneOf(ctx);
  let sent = '';
  const announce = createAnnouncer(ANNOUNCE_EVERY_MS);

  return async function look(): Promise<{ events: readonly ServerEvent[]; hasEnded: boolean }> {
    const job = await deps.reportJobs.find(accountId, id);
    // An order that could not be queued is taken back.
    if (!job) return { events: [ENDED], hasEnded: true };
    const shown = presentJob(job, new Date());
    const known = { timeZone, fileName: fileNameOf(job) };
    const state = reportState(shown, known).toString();
    const announced = announce(describeState(shown), shown.status, performance.now());
    const data = reportState(shown, known, announced).toString();
    const events = state === sent && announced === null ? [] : [{ data }];
    sent = state;
    const ended = hasEnded(shown);
    return { events: ended ? [...events, ENDED] : events, hasEnded: ended };
  };
}
