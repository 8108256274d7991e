// The nightly drift check: holds every account log against what is stored. Then it counts a sample of sessions again from
// their logs, and sums their hours again from the sessions. Derived data that differs is reported and replaced. A log is
// never changed.
import { findHourDrift } from '../../shared/aggregates/hour-drift.ts';
import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import { newId, timeOfId } from '../../shared/audit/ids.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { mayPassOver } from '../../shared/process/pass-over.ts';
import { CHECK_DRIFT } from '../../shared/queues/jobs.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { isTime } from '../../shared/time/is-time.ts';
import { aggregateHour } from './aggregate-hour.ts';
import { recountSession } from './aggregate-session.ts';
import { checkAccountLogs } from './check-account-logs.ts';
import type { Job, JobDeps } from './job.ts';

/** Neighbours taken at each place of the sample. */
const RUN = 10;

export const checkDriftJob: Job<{ sessions: number }> = {
  definition: CHECK_DRIFT,
  concurrency: 1,
  isRare: true,
  async handle({ sessions }, deps, signal) {
    const findings = await checkAccountLogs(deps, signal);
    const sample = await drawSample(deps, sessions);
    let drifted = 0;
    for (const ref of sample) {
      try {
        drifted += await checkSession(deps, ref, signal);
      } catch (error) {
        // One row at which a check throws keeps neither the others nor the account logs from theirs.
        if (signal.aborted || !mayPassOver(error)) throw error;
        const about = { session_id: ref.sessionId, account_id: ref.accountId, err: error };
        deps.log.error(about, 'the counts of a session could not be checked');
      }
    }
    return `${sample.length} sessions checked, ${drifted} drifted, ${findings} findings in account logs`;
  },
};

/** How much of what was derived from a session had drifted: its counts, and the sum of its hour. */
async function checkSession(deps: JobDeps, ref: LogRef, signal: AbortSignal): Promise<number> {
  const before = await deps.sessions.findSnapshot(ref.accountId, ref.sessionId);
  // Counts of a session that is due are known to lag behind its log: that is no drift.
  if (!before || before.stage === null) return 0;
  const recount = await recountSession(deps, ref, signal);
  if (!recount) return 0;
  const { differs } = recount;
  const { session } = recount.found;
  // Without a start it is in no hour.
  const hourDiffers = isTime(session.startedAt) && (await checkHour(deps, session));
  if (differs) await reportDrift(deps, session, 'a session’s counts were not those of its log');
  if (hourDiffers) await reportDrift(deps, session, 'an hour’s sums were not those of its sessions');
  return Number(differs) + Number(hourDiffers);
}

/** Ended sessions around random moments between the first and now; each once. */
async function drawSample({ fleet }: JobDeps, size: number): Promise<LogRef[]> {
  const [first] = await fleet.listEndedFrom('', 1);
  if (!first) return [];
  const beginMs = timeOfId(first.sessionId) ?? Date.now();
  const spanMs = Math.max(0, Date.now() - beginMs);
  const found = new Map<string, LogRef>();
  // Runs may overlap: of few sessions the sample soon holds all.
  for (let run = 0; run * RUN < size; run += 1) {
    const atMs = run === 0 ? beginMs : beginMs + Math.floor(Math.random() * spanMs);
    for (const each of await fleet.listEndedFrom(run === 0 ? first.sessionId : newId('session', atMs), RUN)) {
      if (found.size < size) found.set(each.sessionId, each);
    }
  }
  return [...found.values()];
}

/** Whether the sum of the session's hour differed from its sessions, although nothing was due for any of them. */
async function checkHour(deps: JobDeps, { accountId, agentId, startedAt }: Session): Promise<boolean> {
  const hour = new Date(floorHour(startedAt.getTime()));
  const drift = await findHourDrift(deps, { accountId, agentId, hour });
  if (!drift?.isSettled) return false;
  await aggregateHour(deps, accountId, agentId, hour).catch((error: unknown) => {
    // Other workers keep writing the row, or it takes no write. The hour's own job says so.
    if (!(error instanceof AppError)) throw error;
  });
  return true;
}

async function reportDrift({ counters, log }: JobDeps, session: Session, what: string): Promise<void> {
  log.error({ session_id: session.id, account_id: session.accountId }, what);
  await counters.add('drift_found');
}
