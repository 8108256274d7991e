// The part of the sweep that looks after reports made in the background: jobs that were lost with a Redis, and bytes
// whose time is up.
import { storedText } from '../../shared/mongo/stored-text.ts';
import { MAKE_REPORT } from '../../shared/queues/jobs.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/time/durations.ts';
import type { JobDeps } from './job.ts';

/** A worker that was told to stop is given this long before what it may still have stored is looked for a last time. */
const QUIET_MS = MINUTE_MS;
/** For how long the row tells that a report failed or expired. */
const REMEMBERED_MS = 30 * DAY_MS;
const PAGE = 250;
const PASSED_OVER =
  'a row of report_jobs is passed over, since no order made it as it is: compare it with a backup, and remove it if somebody wrote it there';

export async function sweepReports(
  { reports, queues, log }: Pick<JobDeps, 'reports' | 'queues' | 'log'>,
  now: Date,
): Promise<string> {
  const { fleetJobs, files, isToTell } = reports;
  const quiet = new Date(now.getTime() - QUIET_MS);
  // The clock of another worker may be ahead.
  const ahead = new Date(now.getTime() + QUIET_MS);
  const { idle, odd } = await fleetJobs.listIdle(quiet, ahead, PAGE);
  for (const { id, accountId } of odd) {
    const about = { report_id: storedText(id), account_id: storedText(accountId) };
    if (isToTell(JSON.stringify(about))) log.warn(about, PASSED_OVER);
  }
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
