// `npm run rebuild-aggregates`: counts sessions again from their logs, and sums hours again from the sessions.

import { createHourRepository } from '../shared/aggregates/hour-repository.ts';
import { floorHour } from '../shared/aggregates/hour-sum.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { createSessionSumRepository } from '../shared/sessions/session-sums.ts';
import { aggregateHour } from '../workers/jobs/aggregate-hour.ts';
import { recountSession } from '../workers/jobs/aggregate-session.ts';
import type { DeriveDeps } from '../workers/jobs/job.ts';
import { refused } from './batch/describe-verdict.ts';
import { parseSessionOptions, RUN_USAGE, SELECTION_USAGE, SESSION_OPTIONS } from './batch/options.ts';
import { runOverSessions, type Visited } from './batch/run-over-sessions.ts';
import { runCommand } from './command/command.ts';
import type { Connected } from './command/connect.ts';

const USAGE = `usage: npm run rebuild-aggregates [-- OPTIONS]

Walks the logs of sessions, counts them anew and replaces counts that differ, then sums their hours anew. Logs are
only read; one that failed is named and keeps its counts. It may be stopped and given again, run beside the service
and beside itself.

${SELECTION_USAGE}
  --dry-run           says what differs; nothing is written
${RUN_USAGE}

exit: 0 done, 2 a log failed, 1 something is unverifiable, was stopped, or another error, 64 usage`;

const OUTCOMES = ['rebuilt', 'would be rebuilt', 'right already', 'skipped', 'failed', 'unverifiable'];
const NEVER = new AbortController().signal;

type Hour = Readonly<{ accountId: string; agentId: string; hour: Date }>;

/** Hours of the sessions visited since they were summed last. */
class TouchedHours {
  readonly #hours = new Map<string, Hour>();

  add(hour: Hour): void {
    this.#hours.set(`${hour.accountId}/${hour.agentId}/${hour.hour.getTime()}`, hour);
  }

  async sum({ db }: Connected): Promise<void> {
    const sources = { hours: createHourRepository(db), sessionSums: createSessionSumRepository(db) };
    for (const [key, { accountId, agentId, hour }] of this.#hours) {
      await aggregateHour(sources, accountId, agentId, hour);
      this.#hours.delete(key);
    }
  }
}

async function visit(
  deps: DeriveDeps,
  ref: LogRef,
  dryRun: boolean,
  touched: TouchedHours,
): Promise<Visited> {
  const { accountId, sessionId } = ref;
  for (;;) {
    const recount = await recountSession(deps, ref, NEVER, { dryRun });
    if (!recount) return { outcome: 'skipped' };
    const { found, verdict, differs, written } = recount;
    const { agentId, startedAt, endedAt } = found.session;
    if (endedAt !== null) touched.add({ accountId, agentId, hour: new Date(floorHour(startedAt.getTime())) });
    if (verdict.status !== 'verified') return refused(verdict);
    if (dryRun)
      return differs ? { outcome: 'would be rebuilt', line: 'differs' } : { outcome: 'right already' };
    // Another writer changed the session meanwhile.
    if (differs && !written) continue;
    const now = differs ? await deps.sessions.findSnapshot(accountId, sessionId) : found;
    // A session that lacks its root stays due for that.
    if (now && (now.session.endedAt === null || now.session.merkleRootHex !== null)) {
      await deps.sessions.finishSession(accountId, now);
    }
    return differs ? { outcome: 'rebuilt', line: 'rebuilt' } : { outcome: 'right already' };
  }
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, SESSION_OPTIONS, async ({ values, positionals }) => {
    const options = parseSessionOptions(values, positionals);
    const { dryRun } = options;
    const touched = new TouchedHours();
    return await runOverSessions({
      name: 'rebuild-aggregates',
      label: 'Rebuilding',
      ...options,
      outcomes: OUTCOMES.filter((name) => (dryRun ? name !== 'rebuilt' : name !== 'would be rebuilt')),
      visit: (deps, session) => visit(deps, session, dryRun, touched),
      ...(!dryRun && { afterPage: (connected) => touched.sum(connected) }),
    });
  });
}
