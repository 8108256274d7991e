// The part of the sweep that looks after reports made in the background: jobs that were lost with a Redis, and bytes
// whose time is up.
import { MAKE_REPORT } from '../../shared/queues/jobs.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/time/durations.ts';
import type { JobDeps } from './job.ts';

/** A worker that was told to stop is given this long before what it may still have stored is looked for a last time. */
const QUIET_MS = MINUTE_MS;
/** For how long the row tells that a report failed or expired. */
const REMEMBERED_MS = 30 * DAY_MS;
const PAGE = 250;

export async function sweepReports({ reports, queues }: JobDeps, now: Date): Promise<string> {
  const { fleetJobs, files } = reports;
  const quiet = new Date(now.getTime() - QUIET_MS);
  const idle = await fleetJobs.listIdle(quiet, PAGE);
  await queues.addAll(MAKE_REPORT, idle);
  const ended = await fleetJobs.expire(now, PAGE);
  for (const { accountId, reportId } of ended) await files.removeAll(accountId, reportId);
  const left = await fleetJobs.listToClean(quiet, PAGE);
  for (const ref of left) {
    await files.removeAll(ref.accountId, ref.reportId);
    await fleetJobs.noteCleaned(ref, new Date(now.getTime() + REMEMBERED_MS));
  }
  return `${idle.length} reports queued again, ${ended.length} expired, ${left.length} cleaned`;
}
