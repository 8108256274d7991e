import { AppError } from '../../../shared/errors/app-error.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { ApiDeps } from '../../http/context.ts';

/**
 * The account's session. Throws the same `session_not_found` for a malformed id (null), an unknown one and another
 * account's.
 */
export async function findSession(
  { sessions }: Pick<ApiDeps, 'sessions'>,
  accountId: string,
  sessionId: string | null,
): Promise<Session> {
  const session = sessionId === null ? null : await sessions.find(accountId, sessionId);
  if (!session) throw noSession();
  return session;
}

export function noSession(): AppError {
  return new AppError('session_not_found', 'The account has no such session.');
}
