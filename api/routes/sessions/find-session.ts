import { AppError } from '../../../shared/errors.ts';
import { isId } from '../../../shared/ids.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { SessionRepository } from '../../../shared/sessions/session-repository.ts';

/** The account's session, or one and the same `session_not_found` for a malformed, an unknown and another account's id. */
export async function findSession(
  sessions: SessionRepository,
  accountId: string,
  sessionId: string | undefined,
): Promise<Session> {
  const session = isId('session', sessionId) ? await sessions.find(accountId, sessionId) : null;
  if (!session) throw new AppError('session_not_found', 'The account has no such session.');
  return session;
}
