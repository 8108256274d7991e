// Stores the Merkle root of an ended session that has none: what its log proves today is what it has to prove later.

import type { LogVerdict } from '../../shared/audit/verdict.ts';
import { aggregateOf, type SessionSnapshot } from '../../shared/sessions/session.ts';
import type { DerivedDeps } from './deps.ts';
import { verifyLog } from './verify-log.ts';

export type StoreRootOutcome =
  | Readonly<{ kind: 'stored'; rootHex: string; size: number }>
  /** There is nothing to seal: the session is open, or has its root. */
  | Readonly<{ kind: 'not_due' }>
  /** It changed while its log was walked. */
  | Readonly<{ kind: 'changed' }>
  | Readonly<{ kind: 'refused'; verdict: Exclude<LogVerdict, { status: 'verified' }> }>;

/** Never seals a log that is wrong or could not be checked, and never replaces a root. */
export async function storeRoot(
  deps: DerivedDeps,
  work: SessionSnapshot,
  signal: AbortSignal,
): Promise<StoreRootOutcome> {
  const { endedAt, merkleRootHex } = work.session;
  if (endedAt === null || merkleRootHex !== null) return { kind: 'not_due' };
  const verdict = await verifyLog(deps, work, signal);
  if (verdict.status !== 'verified') return { kind: 'refused', verdict };
  const { rootHex, size, headHashHex, counts } = verdict;
  // The log may have grown since it was counted.
  const aggregate = aggregateOf(counts, size);
  return (await deps.sessions.storeRoot(work.session.accountId, work, {
    rootHex,
    size,
    headHashHex,
    aggregate,
  }))
    ? { kind: 'stored', rootHex, size }
    : { kind: 'changed' };
}
