// The scheduled verification: walks every log that has ended once in `VERIFY_EVERY`, spread evenly, so that a log which
// somebody altered is found without anybody's command. Looks again at marked logs, so that a mark goes once the log is well.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { mayPassOver } from '../../shared/process/pass-over.ts';
import { VERIFY_LOGS } from '../../shared/queues/jobs.ts';
import type { VerifyRound } from '../../shared/sessions/verify-rounds.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';
import type { Job, JobDeps } from './job.ts';

/** A run ends after so long, and the next goes on. */
const RUN_MS = 50_000;
/** Logs that one run walks at most. */
const RUN_LIMIT = 1_000;
/** How often the progress is kept: as many logs are walked twice after a kill, at most. */
const KEPT_EACH = 10;
/** A marked log is walked again after so long. */
const MARKED_AGAIN_MS = 10 * MINUTE_MS;
const MARKED_LIMIT = 100;
/** The part of the time in which a round shall be done: the rest is for runs that were missed. */
const SHARE = 0.95;

export const verifyLogsJob: Job<Record<string, never>> = {
  definition: VERIFY_LOGS,
  concurrency: 1,
  isInterruptible: true,
  async handle(_payload, deps, signal) {
    if (deps.verifyEveryMs === null) return 'off';
    const until = Date.now() + RUN_MS;
    const isOver = () => signal.aborted || Date.now() >= until;
    const marked = await visitMarked(deps, signal, isOver);
    const visited = await goOn(deps, deps.verifyEveryMs, signal, isOver);
    return `${visited} logs verified, ${marked} marked logs looked at again`;
  },
};

/** Goes on behind the log where the last run ended: a row on which no walk leaves a time is due in every run. */
async function visitMarked(deps: JobDeps, signal: AbortSignal, isOver: () => boolean): Promise<number> {
  const afterId = await deps.verifyRounds.findMarked();
  let visited = 0;
  for (const ref of await listMarked(deps, afterId)) {
    if (isOver()) break;
    // Before the visit: a log that ends the process is not the first one of the next.
    await deps.verifyRounds.keepMarked(ref.sessionId);
    await visit(deps, ref, signal);
    visited += 1;
  }
  return visited;
}

/** Marked logs that are due, from the one behind `afterId` on, and again from the first. */
async function listMarked({ fleet }: JobDeps, afterId: string | null): Promise<LogRef[]> {
  const before = new Date(Date.now() - MARKED_AGAIN_MS);
  const behind = await fleet.listMarked(before, afterId, MARKED_LIMIT);
  if (afterId === null || behind.length === MARKED_LIMIT) return behind;
  const again = await fleet.listMarked(before, null, MARKED_LIMIT - behind.length);
  return [...behind, ...again.filter(({ sessionId }) => sessionId <= afterId)];
}

/** Walks as many logs as the round is behind with. */
async function goOn(
  deps: JobDeps,
  everyMs: number,
  signal: AbortSignal,
  isOver: () => boolean,
): Promise<number> {
  const { fleet, verifyRounds } = deps;
  const nowMs = Date.now();
  const found = await verifyRounds.find();
  let round = nextRound(found, everyMs, nowMs);
  if (round !== found) await verifyRounds.keep(round);
  const due = Math.min(RUN_LIMIT, countDue(round, everyMs, nowMs, await fleet.countAll()));
  let visited = 0;
  while (visited < due && !isOver()) {
    const page = await fleet.listEnded(round.afterId, Math.min(KEPT_EACH, due - visited));
    if (page.length === 0) round = { ...round, isDone: true };
    for (const ref of page) {
      if (isOver()) break;
      await visit(deps, ref, signal);
      visited += 1;
      round = { ...round, afterId: ref.sessionId, visited: round.visited + 1 };
    }
    await verifyRounds.keep(round);
    if (page.length === 0) break;
  }
  return visited;
}

/**
 * The round that is under way at `nowMs`, Unix milliseconds. One that is late goes on until it has come to the end, and the
 * next one makes up for that. One that begins in the future is begun anew: a clock was set back.
 */
export function nextRound(found: VerifyRound | null, everyMs: number, nowMs: number): VerifyRound {
  const fresh = (begunMs: number) => ({
    begunAt: new Date(begunMs),
    afterId: null,
    visited: 0,
    isDone: false,
  });
  if (found === null || found.begunAt.getTime() > nowMs) return fresh(nowMs);
  const endMs = found.begunAt.getTime() + everyMs;
  if (nowMs < endMs || !found.isDone) return found;
  return fresh(nowMs < endMs + everyMs ? endMs : nowMs);
}

/** How many logs a round over `total` sessions is behind with: all that are left once its time is nearly up. */
export function countDue(
  { begunAt, visited }: VerifyRound,
  everyMs: number,
  nowMs: number,
  total: number,
): number {
  const share = (nowMs - begunAt.getTime()) / (SHARE * everyMs);
  return share >= 1
    ? Number.POSITIVE_INFINITY
    : Math.max(0, Math.floor(share * total) - Math.min(visited, total));
}

/** Walks one log and rests as long as that took: a thread is at work for half the time, at most. */
async function visit(deps: JobDeps, ref: LogRef, signal: AbortSignal): Promise<void> {
  const begunMs = performance.now();
  await verify(deps, ref, signal);
  await sleep(performance.now() - begunMs, undefined, { signal });
}

async function verify({ pool, recordOutcome, sessions, log }: JobDeps, ref: LogRef, signal: AbortSignal) {
  const { accountId, sessionId } = ref;
  // A log at which a thread breaks off, or a row that takes no mark, must not keep the round from all others.
  const orPassOver = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (signal.aborted || !mayPassOver(error)) throw error;
      log.error({ session_id: sessionId, account_id: accountId, err: error }, 'a log could not be verified');
    }
  };
  let isThere = true;
  await orPassOver(async () => {
    const evidence = await pool.verifySession(ref, { signal, listed: 0 });
    isThere = evidence !== null;
    if (evidence) await recordOutcome(evidence.found, evidence.verdict);
  });
  if (isThere) await orPassOver(() => sessions.noteWalk(accountId, sessionId));
}
