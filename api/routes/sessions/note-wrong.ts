import type { WrongLog } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { ApiDeps } from '../../context.ts';

/** Marks a session's log as wrong, and counts it unless it was known to be. */
export async function noteWrong(
  { sessions, work, metrics }: ApiDeps,
  { accountId, id }: Session,
  verdict: WrongLog,
): Promise<void> {
  const known = await work.find(accountId, id);
  await sessions.markWrong(accountId, id, verdict);
  if (!known?.isWrong) metrics.countWrongLog();
}
