import type { FailedLog } from '../../../shared/audit/verdict.ts';
import type { ApiDeps } from '../../http/context.ts';

/** Marks a session's log as failed, and counts it unless it had this mark. */
export async function noteWrong(
  { sessions, metrics }: Pick<ApiDeps, 'sessions' | 'metrics'>,
  accountId: string,
  sessionId: string,
  verdict: FailedLog,
): Promise<void> {
  if (await sessions.markFailed(accountId, sessionId, verdict)) metrics.countFailedLog();
}
