// Stores the Merkle root of an ended session that has none. Later verifications must reproduce it.
import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import type { FailedLog, LogState, UnverifiableLog } from '../../shared/audit/verdict.ts';
import { AGGREGATE_HOUR, EXTEND_ACCOUNT_LOG, STORE_ROOT } from '../../shared/queues/jobs.ts';
import { aggregateOf, type SessionSnapshot } from '../../shared/sessions/session.ts';
import { queueNext } from './aggregate-session.ts';
import type { DeriveDeps, Job } from './job.ts';

export const storeRootJob: Job<LogRef> = {
  definition: STORE_ROOT,
  concurrency: 4,
  perSecond: 100,
  async handle(ref, deps, signal) {
    const { accountId } = ref;
    const outcome = await storeRoot(deps, ref, signal);
    if (outcome.kind === 'no_session') return 'no session';
    if (outcome.kind === 'changed') return 'changed meanwhile';
    if (outcome.kind !== 'stored') return await queueNext(deps, outcome.found, false);
    await deps.counters.add('roots_stored');
    await deps.queues.add(EXTEND_ACCOUNT_LOG, { accountId });
    const { agentId, startedAt } = outcome.found.session;
    await deps.queues.add(AGGREGATE_HOUR, { accountId, agentId, hourMs: floorHour(startedAt.getTime()) });
    return 'stored';
  },
};

export type StoreRootOutcome =
  | Readonly<{ kind: 'stored'; found: SessionSnapshot; rootHex: string; size: number; state: LogState }>
  /** There is nothing to store: the session is open, or has its root. */
  | Readonly<{ kind: 'not_due'; found: SessionSnapshot }>
  | Readonly<{ kind: 'refused'; found: SessionSnapshot; verdict: FailedLog | UnverifiableLog }>
  /** The session changed while its log was walked. */
  | Readonly<{ kind: 'changed' }>
  | Readonly<{ kind: 'no_session' }>;

/** Stores no root for a log that failed or is unverifiable, and never replaces one. */
export async function storeRoot(
  deps: DeriveDeps,
  ref: LogRef,
  signal: AbortSignal,
): Promise<StoreRootOutcome> {
  const { accountId, sessionId } = ref;
  // The log of a session that needs no root is not walked.
  const before = await deps.sessions.findSnapshot(accountId, sessionId);
  if (!before) return { kind: 'no_session' };
  if (!lacksRoot(before)) return { kind: 'not_due', found: before };
  const evidence = await deps.pool.verifySession(ref, { signal, listed: 0 });
  if (!evidence) return { kind: 'no_session' };
  const { found, verdict } = evidence;
  await deps.recordOutcome(found, verdict);
  if (verdict.status !== 'verified') return { kind: 'refused', found, verdict };
  if (!lacksRoot(found)) return { kind: 'not_due', found };
  const { rootHex, size, state, headHashHex, counts } = verdict;
  // The log may have grown since it was counted.
  const root = { rootHex, size, headHashHex, aggregate: aggregateOf(counts, size) };
  return (await deps.sessions.storeRoot(accountId, found, root))
    ? { kind: 'stored', found, rootHex, size, state }
    : { kind: 'changed' };
}

function lacksRoot({ session }: SessionSnapshot): boolean {
  return session.endedAt !== null && session.merkleRootHex === null;
}
