// Finds work that no job was queued for, or whose job was lost with a Redis or a worker. The database alone says what
// is due, so nothing depends on a job that was added earlier.

import { setTimeout as sleep } from 'node:timers/promises';
import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import {
  AGGREGATE_HOUR,
  AGGREGATE_SESSION,
  EXTEND_ACCOUNT_LOG,
  STORE_ROOT,
  SWEEP,
} from '../../shared/queues/jobs.ts';
import { LONGEST_DELAY_MS } from '../../shared/queues/retry-policy.ts';
import type { DueSession } from '../../shared/sessions/fleet-sessions.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/time/durations.ts';
import type { Job, JobDeps } from './job.ts';
import { sweepReports } from './sweep-reports.ts';

/** Jobs that may wait at once: Redis holds little even when much is due. */
const WAITING_LIMIT = 1_000;
const PAGE = 250;
const POLL_MS = 100;
/** A sweep that finds no room for so long ends: the other sweeps wait behind it. */
const ROOM_MS = MINUTE_MS;

export const sweepJob: Job<{ of: 'changed' | 'open' | 'reports' | 'logs' | 'payloads' }> = {
  definition: SWEEP,
  concurrency: 1,
  isInterruptible: true,
  async handle({ of }, deps, signal) {
    if (of === 'reports') return await sweepReports(deps, new Date());
    if (of === 'logs') return await sweepLogs(deps);
    if (of === 'payloads') return await sweepPayloads(deps, signal);
    const swept = of === 'changed' ? await sweepChanged(deps, signal) : await sweepOpen(deps, signal);
    await deps.counters.add('sessions_swept', swept);
    return `${swept} sessions`;
  },
};

async function sweepChanged(deps: JobDeps, signal: AbortSignal): Promise<number> {
  await deps.keyUses.keepCounted();
  const retried = await deps.fleet.retryUnverifiable(deps.keys);
  if (retried > 0) deps.log.info({ sessions: retried }, 'logs that lacked a key are checked again');
  return await eachPage<DueSession>(deps, signal, deps.fleet.listDue, async (page) => {
    const counts = page.filter(({ needs }) => needs === 'counts').map(toRef);
    // A count that is current queues this job, one at a time, without a look for orphans.
    await deps.queues.forgetOrphans(STORE_ROOT.name, counts.map(STORE_ROOT.id));
    await deps.queues.addAll(AGGREGATE_SESSION, counts);
    const hours = page.filter(({ needs }) => needs === 'hour').map(toHour);
    await deps.queues.addAll(AGGREGATE_HOUR, hours);
  });
}

/**
 * An open session's row may lag behind its log: a writer may have died after the append and before it raised the row.
 */
async function sweepOpen(deps: JobDeps, signal: AbortSignal): Promise<number> {
  return await eachPage(deps, signal, deps.fleet.listOpen, (page) =>
    deps.queues.addAll(AGGREGATE_SESSION, page.map(toRef)),
  );
}

/** Queues the account logs that lack an entry, a checkpoint or a cosignature. */
async function sweepLogs({ accountLogs, queues }: JobDeps): Promise<string> {
  const due = (await accountLogs?.listDue()) ?? [];
  await queues.addAll(
    EXTEND_ACCOUNT_LOG,
    due.map((accountId) => ({ accountId })),
  );
  return `${due.length} account logs`;
}

/** Removes what a writer stored for a row that never named it. Whoever may still write that row has had a day. */
async function sweepPayloads({ payloads }: JobDeps, signal: AbortSignal): Promise<string> {
  const before = new Date(Date.now() - DAY_MS);
  let kept = 0;
  let removed = 0;
  for (let isDone = false; !isDone && !signal.aborted; ) {
    const settled = await payloads.settle(before, PAGE);
    kept += settled.kept;
    removed += settled.removed;
    isDone = settled.kept + settled.removed === 0;
  }
  return `${kept} payloads kept, ${removed} removed`;
}

async function eachPage<Row extends LogRef>(
  deps: JobDeps,
  signal: AbortSignal,
  list: (afterId: string | null, limit: number) => Promise<Row[]>,
  add: (page: Row[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (let afterId: string | null = null; ; ) {
    // The rest is left to the next sweep.
    if (!(await waitForRoom(deps, signal))) return count;
    const page: Row[] = await list(afterId, PAGE);
    afterId = page.at(-1)?.sessionId ?? null;
    if (afterId === null) return count;
    await add(page);
    count += page.length;
  }
}

/**
 * A job queues at most one other when it ends, so only the sweep makes the queues longer. Resolves to whether there is room.
 * Counts what can run, not what Redis says is due in years.
 */
async function waitForRoom({ queues }: JobDeps, signal: AbortSignal): Promise<boolean> {
  const names = [AGGREGATE_SESSION, STORE_ROOT, AGGREGATE_HOUR].map(({ name }) => name);
  const until = performance.now() + ROOM_MS;
  while (!signal.aborted) {
    if ((await queues.countRunnable(names, LONGEST_DELAY_MS)) + PAGE <= WAITING_LIMIT) return true;
    if (performance.now() >= until) return false;
    await sleep(POLL_MS);
  }
  return false;
}

function toRef({ accountId, sessionId }: LogRef): LogRef {
  return { accountId, sessionId };
}

function toHour({ accountId, agentId, startedAt }: DueSession) {
  return { accountId, agentId, hourMs: floorHour(startedAt.getTime()) };
}
