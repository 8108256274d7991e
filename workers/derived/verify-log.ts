// A whole walk of a session's log on behalf of the pipeline, and what the walk leaves on the session.
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { DerivedDeps } from './deps.ts';

/** Walks the log, and notes on the session whether it is wrong or could not be checked. */
export async function verifyLog(
  deps: DerivedDeps,
  found: SessionSnapshot,
  signal: AbortSignal,
): Promise<LogVerdict> {
  const { sessions } = deps;
  const { session, marks } = found;
  const { accountId, id } = session;
  const verdict = await walkLog(deps, found, signal);
  if (verdict.status === 'failed') await sessions.markFailed(accountId, id, verdict);
  else if (verdict.status === 'unverifiable') await sessions.markUnverifiable(accountId, id, verdict.keyId);
  else await sessions.clearMarks(accountId, id, marks);
  return verdict;
}

/** Walks the log against everything recorded of it, and writes nothing. */
export async function walkLog(
  { ledger, pool }: DerivedDeps,
  { session }: SessionSnapshot,
  signal: AbortSignal,
): Promise<LogVerdict> {
  const lastReported = await ledger.lastRoot(session.accountId, session.id);
  return await pool.walk(session, { signal, lastReported });
}
