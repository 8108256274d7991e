import { isId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { SessionRepository } from '../../../shared/sessions/session-repository.ts';

/** The account's session, or one and the same `session_not_found` for a malformed, an unknown and another account's id. */
export async function findSession(
  sessions: SessionRepository,
  accountId: string,
  sessionId: string | undefined,
): Promise<Session> {
  const session = await sessions.find(accountId, readSessionId(sessionId));
  if (!session) throw noSession();
  return session;
}

/** The id, if it looks like one of a session. */
export function readSessionId(sessionId: string | undefined): string {
  if (!isId('session', sessionId)) throw noSession();
  return sessionId;
}

export function noSession(): AppError {
  return new AppError('session_not_found', 'The account has no such session.');
}
