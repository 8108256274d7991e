import { noSession } from '../../../workers/reports/pool.ts';
import type { ApiDeps } from '../../http/context.ts';

/**
 * The id, if the account has such a session. Throws the same `session_not_found` for a malformed id (null), an unknown
 * one and another account's.
 */
export async function assertSession(
  { sessions }: Pick<ApiDeps, 'sessions'>,
  accountId: string,
  sessionId: string | null,
): Promise<string> {
  if (sessionId === null || !(await sessions.exists(accountId, sessionId))) throw noSession();
  return sessionId;
}
