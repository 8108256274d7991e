import { AppError } from '../../../shared/errors/app-error.ts';
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

export function noSession(): AppError {
  return new AppError('session_not_found', 'The account has no such session.');
}
