// Brings a session's counts up to its log: by what was appended since, or, where the counts and the recorded head do
// not fit together or something is wrong, by the whole log.

import { Tally } from '../../shared/audit/tally.ts';
import type { LogCounts, LogVerdict } from '../../shared/audit/verdict.ts';
import type { Session, SessionAggregate, SessionSnapshot } from '../../shared/sessions/session.ts';
import { aggregateOf } from '../../shared/sessions/session.ts';
import type { DerivedDeps } from './deps.ts';
import { verifyLog, walkLog } from './verify-log.ts';

export type CountOutcome =
  /** The counts are those of the log; `work` is the session as it is now. */
  | Readonly<{ kind: 'current'; work: SessionSnapshot }>
  /** The log was walked, and cannot be counted. */
  | Readonly<{
      kind: 'not_counted';
      work: SessionSnapshot;
      verdict: Exclude<LogVerdict, { status: 'verified' }>;
    }>
  | Readonly<{ kind: 'no_session' }>;

/** Rejects with the signal's reason when it aborts, and with `unavailable` when the database is away. */
export async function countSession(
  deps: DerivedDeps,
  accountId: string,
  sessionId: string,
  signal: AbortSignal,
): Promise<CountOutcome> {
  for (;;) {
    signal.throwIfAborted();
    const work = await deps.sessions.findSnapshot(accountId, sessionId);
    if (!work) return { kind: 'no_session' };
    const step = fitsTogether(work.session)
      ? await countAppended(deps, work, signal)
      : await countWhole(deps, work, signal);
    if (step === 'current') return { kind: 'current', work };
    // What was written, by us or somebody else meanwhile, is looked at anew.
    if (step !== 'changed') return { kind: 'not_counted', work, verdict: step };
  }
}

/** Counts the whole log anew, whatever was counted before. A dry run writes nothing, not even a mark. */
export async function recountSession(
  deps: DerivedDeps,
  work: SessionSnapshot,
  signal: AbortSignal,
  { dryRun = false } = {},
): Promise<Readonly<{ verdict: LogVerdict; differs: boolean; written: boolean }>> {
  const verdict = await (dryRun ? walkLog : verifyLog)(deps, work, signal);
  if (verdict.status !== 'verified') return { verdict, differs: false, written: false };
  const aggregate = aggregateOf(verdict.counts, verdict.size);
  const differs = !sameCounts(aggregate, work.session.aggregate);
  const { size, headHashHex } = verdict;
  const written =
    differs &&
    !dryRun &&
    (await deps.sessions.replaceCounts(work.session.accountId, work, { aggregate, size, headHashHex }));
  return { verdict, differs, written };
}

type Step = 'current' | 'changed' | Exclude<LogVerdict, { status: 'verified' }>;

async function countAppended(deps: DerivedDeps, work: SessionSnapshot, signal: AbortSignal): Promise<Step> {
  const { session } = work;
  // Nothing comes after a seal.
  if (session.log.seal !== null) return 'current';
  const tail = await deps.pool.countTail(session, signal);
  if (tail.kind !== 'counted') return await countWhole(deps, work, signal);
  const { throughSeq } = session.aggregate;
  if (tail.end === throughSeq + 1) return 'current';
  await deps.sessions.raiseLog(session.accountId, session.id, throughSeq, {
    size: tail.end,
    headHashHex: tail.headHashHex,
    aggregate: aggregateOf(addCounts(session.aggregate, tail.counts), tail.end),
  });
  return 'changed';
}

async function countWhole(deps: DerivedDeps, work: SessionSnapshot, signal: AbortSignal): Promise<Step> {
  const { verdict, differs } = await recountSession(deps, work, signal);
  if (verdict.status !== 'verified') return verdict;
  return differs ? 'changed' : 'current';
}

/** Whether the counts go as far as the recorded head, so that what comes next can be added to both. */
function fitsTogether({ aggregate, log }: Session): boolean {
  return Number.isSafeInteger(log.size) && aggregate.throughSeq === log.size - 1;
}

function addCounts(before: SessionAggregate, added: LogCounts): LogCounts {
  const tally = new Tally();
  tally.addCounts({ ...before, otherKinds: [] });
  tally.addCounts(added);
  return tally.counts();
}

function sameCounts(a: SessionAggregate, b: SessionAggregate): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

function inOrder(aggregate: SessionAggregate): unknown[] {
  const { redactionCount, redactionsByKind, redactionsByPass, rehydrationFailureCount, throughSeq } =
    aggregate;
  return [redactionCount, redactionsByKind, redactionsByPass, rehydrationFailureCount, throughSeq];
}
