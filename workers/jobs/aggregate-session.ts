// Brings a session's counts up to its log. It counts the appended entries alone where the counts, the recorded head and
// the tail fit together, and the whole log otherwise.
import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { Tally } from '../../shared/audit/tally.ts';
import type { LogCounts, LogVerdict, VerifiedLog } from '../../shared/audit/verdict.ts';
import { AGGREGATE_HOUR, AGGREGATE_SESSION, STORE_ROOT } from '../../shared/queues/jobs.ts';
import { announceClosed, endedLately } from '../../shared/sessions/announce-closed.ts';
import {
  aggregateOf,
  type Session,
  type SessionAggregate,
  type SessionSnapshot,
} from '../../shared/sessions/session.ts';
import type { DeriveDeps, Job, JobDeps } from './job.ts';

export const aggregateSessionJob: Job<LogRef> = {
  definition: AGGREGATE_SESSION,
  concurrency: 8,
  async handle(ref, deps, signal) {
    const outcome = await countSession(deps, ref, signal);
    if (outcome.kind === 'no_session') return 'no session';
    const isCurrent = outcome.kind === 'current';
    const { session } = outcome.found;
    if (isCurrent && session.endedAt === null && (await sealClosed(deps, ref))) return 'sealed';
    // Whoever closed it may have been killed before it told.
    if (endedLately(session, new Date())) await announceClosed(deps.announcer, session);
    return await queueNext(deps, outcome.found, isCurrent);
  },
};

/**
 * Ends a session whose writer died between closing its log and sealing it. The row is then due again. A log that cannot
 * be sealed stays as it is: the next walk over it names its fault.
 */
async function sealClosed(
  { sealClosed: seal, sessions, announcer, log }: JobDeps,
  ref: LogRef,
): Promise<boolean> {
  const { status } = await seal(ref);
  if (status !== 'sealed') return false;
  const session = await sessions.find(ref.accountId, ref.sessionId);
  if (session) await announceClosed(announcer, session);
  log.warn(
    { account_id: ref.accountId, session_id: ref.sessionId },
    'a log whose close was interrupted is sealed',
  );
  return true;
}

export type CountOutcome =
  /** The counts are those of the log; `found` is the session as it is now. */
  | Readonly<{ kind: 'current'; found: SessionSnapshot }>
  /** The log failed or is unverifiable, so its counts stay as they are. */
  | Readonly<{ kind: 'not_counted'; found: SessionSnapshot }>
  | Readonly<{ kind: 'no_session' }>;

/**
 * Rejects with the signal's reason when the signal aborts, and with `unavailable` when the database does not answer.
 */
export async function countSession(
  deps: DeriveDeps,
  ref: LogRef,
  signal: AbortSignal,
): Promise<CountOutcome> {
  for (;;) {
    signal.throwIfAborted();
    const found = await deps.sessions.findSnapshot(ref.accountId, ref.sessionId);
    if (!found) return { kind: 'no_session' };
    const step = fitsTogether(found.session)
      ? await countAppended(deps, found, signal)
      : await countWhole(deps, found, signal);
    if (step === 'current') return { kind: 'current', found };
    if (step === 'not_counted') return { kind: 'not_counted', found };
    // The row was written, here or by another writer: the session is read again.
  }
}

/** Counts the whole log again and ignores the stored counts. A dry run writes nothing, not even a mark. */
export async function recountSession(
  deps: DeriveDeps,
  ref: LogRef,
  signal: AbortSignal,
  { dryRun = false } = {},
): Promise<Readonly<{
  found: SessionSnapshot;
  verdict: LogVerdict;
  differs: boolean;
  written: boolean;
}> | null> {
  const evidence = await deps.pool.verifySession(ref, { signal, listed: 0 });
  if (!evidence) return null;
  const { found, verdict } = evidence;
  if (!dryRun) await deps.recordOutcome(found, verdict);
  if (verdict.status !== 'verified') return { ...evidence, differs: false, written: false };
  const { size, headHashHex, counts } = verdict;
  const aggregate = aggregateOf(counts, size);
  const differs = countsDiffer(found, verdict);
  const verified = { aggregate, size, headHashHex };
  const written = differs && !dryRun && (await deps.sessions.replaceCounts(ref.accountId, found, verified));
  return { ...evidence, differs, written };
}

/** Whether the row counts other events than its verified log holds. */
export function countsDiffer(
  { session }: Pick<SessionSnapshot, 'session'>,
  { counts, size }: VerifiedLog,
): boolean {
  return !sameCounts(aggregateOf(counts, size), session.aggregate);
}

/** Queues the job that is due next: storing the root of an ended session that has none, else summing its hour. */
export async function queueNext(
  deps: JobDeps,
  found: SessionSnapshot,
  canHaveRoot: boolean,
): Promise<string> {
  const { accountId, id: sessionId, agentId, startedAt, endedAt, merkleRootHex } = found.session;
  if (canHaveRoot && endedAt !== null && merkleRootHex === null) {
    await deps.queues.add(STORE_ROOT, { accountId, sessionId });
    return 'root to be stored';
  }
  if (!(await deps.sessions.finishSession(accountId, found))) return 'changed meanwhile';
  if (endedAt === null) return 'open';
  await deps.queues.add(AGGREGATE_HOUR, { accountId, agentId, hourMs: floorHour(startedAt.getTime()) });
  return 'counted';
}

type Step = 'current' | 'changed' | 'not_counted';

async function countAppended(deps: DeriveDeps, found: SessionSnapshot, signal: AbortSignal): Promise<Step> {
  const { session } = found;
  // A sealed log grows no further.
  if (session.log.seal !== null) return 'current';
  const tail = await deps.pool.countTail(session, signal);
  if (tail.kind !== 'counted') return await countWhole(deps, found, signal);
  const { throughSeq } = session.aggregate;
  if (tail.end === throughSeq + 1) return 'current';
  const from = { throughSeq, size: session.log.size };
  await deps.sessions.raiseLog(session.accountId, session.id, from, {
    size: tail.end,
    headHashHex: tail.headHashHex,
    aggregate: aggregateOf(addCounts(session.aggregate, tail.counts), tail.end),
  });
  return 'changed';
}

async function countWhole(
  deps: DeriveDeps,
  { session }: SessionSnapshot,
  signal: AbortSignal,
): Promise<Step> {
  const { accountId, id: sessionId } = session;
  const recount = await recountSession(deps, { accountId, sessionId }, signal);
  if (!recount) return 'changed';
  if (recount.verdict.status !== 'verified') return 'not_counted';
  return recount.differs ? 'changed' : 'current';
}

/** Whether the counts end at the recorded head, so that the next entries can be added to both. */
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
