// `npm run rebuild-aggregates`: counts sessions again from their logs, and sums hours again from the sessions.

import { createHourRepository } from '../shared/aggregates/hour-repository.ts';
import { floorHour } from '../shared/aggregates/hour-sum.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { mayPassOver } from '../shared/process/pass-over.ts';
import { createSessionSumRepository } from '../shared/sessions/session-sums.ts';
import { DAY_MS } from '../shared/time/durations.ts';
import { isTime } from '../shared/time/is-time.ts';
import { presentTime } from '../shared/time/present-time.ts';
import { aggregateHour } from '../workers/jobs/aggregate-hour.ts';
import { recountSession } from '../workers/jobs/aggregate-session.ts';
import type { DeriveDeps } from '../workers/jobs/job.ts';
import { refused } from './batch/describe-verdict.ts';
import {
  parseSessionOptions,
  RESTART_OPTION,
  RESTART_USAGE,
  RUN_USAGE,
  SELECTION_USAGE,
  SESSION_OPTIONS,
} from './batch/options.ts';
import { runOverSessions, type Visited } from './batch/run-over-sessions.ts';
import { EXIT, runCommand } from './command/command.ts';
import type { Connected } from './command/connect.ts';
import { terminalText } from './command/terminal-text.ts';

const USAGE = `usage: npm run rebuild-aggregates [-- OPTIONS]

Walks the logs of sessions, counts their entries again and replaces counts that differ. Then sums their hours again.
Only reads logs. Names and marks each log that failed or is unverifiable, and keeps its counts. The command can be
stopped and given again: within a day it goes on behind the last session that it counted, and prints the counts of the
earlier run in a line of their own, since those sessions may have changed. It can run beside the service and beside a copy of itself. An hour that
cannot be summed is named, and the others are.

${SELECTION_USAGE}
  --dry-run           says what differs; writes nothing
${RESTART_USAGE}
${RUN_USAGE}

exit: 0 done, 2 a log failed, 1 a log is unverifiable, an hour was not summed, the command was stopped, or another
error, 64 usage`;

const OPTIONS = { ...SESSION_OPTIONS, ...RESTART_OPTION } as const;
const OUTCOMES = ['rebuilt', 'would be rebuilt', 'counts agree', 'skipped', 'failed', 'unverifiable'];
const NEVER = new AbortController().signal;

type Hour = Readonly<{ accountId: string; agentId: string; hour: Date }>;

/** The hours of the sessions that were visited since the last sum. */
class TouchedHours {
  readonly #hours = new Map<string, Hour>();
  #failed = 0;

  /** Hours that could not be summed. */
  get failed(): number {
    return this.#failed;
  }

  add(hour: Hour): void {
    this.#hours.set(`${hour.accountId}/${hour.agentId}/${hour.hour.getTime()}`, hour);
  }

  async sum({ db }: Connected): Promise<void> {
    const sources = { hours: createHourRepository(db), sessionSums: createSessionSumRepository(db) };
    for (const [key, { accountId, agentId, hour }] of this.#hours) {
      try {
        await aggregateHour(sources, accountId, agentId, hour);
      } catch (error) {
        if (!mayPassOver(error)) throw error;
        this.#failed += 1;
        const what = `the hour of ${presentTime(hour)} of ${agentId} in ${accountId} is not summed`;
        console.error(terminalText(`${what}: ${error instanceof Error ? error.message : String(error)}`));
      }
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
    // The row of a session without a start is damaged, and no hour holds it.
    if (endedAt !== null && isTime(startedAt))
      touched.add({ accountId, agentId, hour: new Date(floorHour(startedAt.getTime())) });
    if (verdict.status !== 'verified') return refused(verdict);
    if (dryRun)
      return differs ? { outcome: 'would be rebuilt', line: 'counts differ' } : { outcome: 'counts agree' };
    // Another writer changed the session during the walk, so the loop counts it again.
    if (differs && !written) continue;
    const now = differs ? await deps.sessions.findSnapshot(accountId, sessionId) : found;
    // An ended session without a root is not finished: its root is still due.
    if (now && (now.session.endedAt === null || now.session.merkleRootHex !== null)) {
      await deps.sessions.finishSession(accountId, now);
    }
    return differs ? { outcome: 'rebuilt', line: 'rebuilt' } : { outcome: 'counts agree' };
  }
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const options = parseSessionOptions(values, positionals);
    const { dryRun } = options;
    const touched = new TouchedHours();
    const code = await runOverSessions({
      name: 'rebuild-aggregates',
      label: 'Rebuilding',
      ...options,
      goesOnWithinMs: DAY_MS,
      outcomes: OUTCOMES.filter((name) => (dryRun ? name !== 'rebuilt' : name !== 'would be rebuilt')),
      visit: (deps, session) => visit(deps, session, dryRun, touched),
      ...(!dryRun && { afterPage: (connected) => touched.sum(connected) }),
    });
    return code === EXIT.done && touched.failed > 0 ? EXIT.error : code;
  });
}
