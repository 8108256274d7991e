import type { FailedLog } from '../../../shared/audit/verdict.ts';
import type { ApiDeps } from '../../http/context.ts';

/** Marks a session's log as failed, and counts it unless it was marked before. */
export async function noteWrong(
  { sessions, work, metrics }: Pick<ApiDeps, 'sessions' | 'work' | 'metrics'>,
  accountId: string,
  sessionId: string,
  verdict: FailedLog,
): Promise<void> {
  const known = await work.find(accountId, sessionId);
  await sessions.markFailed(accountId, sessionId, verdict);
  if (!known?.isFailed) metrics.countFailedLog();
}
