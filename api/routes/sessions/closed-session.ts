import { readSessionClosed } from '../../../shared/reports/session-evidence.ts';
import { findClosedEntry } from '../../../shared/transparency/find-entries.ts';
import type { LoggedEntry } from '../../../shared/transparency/log-reader.ts';
import { noSession } from '../../../workers/reports/pool.ts';
import type { ApiDeps } from '../../http/context.ts';
import { assertLog, findNamed, whyNotLogged } from '../log/find-log.ts';

/** A closed session as the account log has it. */
export type ClosedSession = LoggedEntry &
  Readonly<{
    accountId: string;
    sessionId: string;
    /** Entries of its audit log. */
    size: number;
    /** The root over them. */
    rootHex: string;
  }>;

/**
 * The session's entry in the account log, whatever entry its row names. Of a session that has none, `onSize` takes the size of
 * its audit log as its row records it, before `not_logged_yet` is thrown. Throws `session_not_found` for a malformed id (null), an unknown one and another
 * account's; `not_logged_yet` where no checkpoint covers an entry of it, as of a session that is open; as `whyNotLogged` says
 * where the checkpoint is foreign; `report_generation_failed` where the row names an entry of something else, or one that the
 * log does not have, and the log has none of the session.
 */
export async function findClosed(
  deps: Pick<ApiDeps, 'accountLog' | 'sessions'>,
  accountId: string,
  sessionId: string | null,
  onSize: (size: number) => void = () => {},
): Promise<ClosedSession> {
  const log = assertLog(deps);
  const session = sessionId === null ? null : await deps.sessions.find(accountId, sessionId);
  if (!session || sessionId === null) throw noSession();
  const named = { id: sessionId, index: session.logIndex };
  const readOwn = (text: string) => readSessionClosed(text, { accountId, sessionId });
  const search = () => findClosedEntry(log.reader, accountId, sessionId);
  const found = await findNamed(log, accountId, named, readOwn, search);
  if (!found) {
    onSize(session.log.size);
    throw await whyNotLogged(log, accountId);
  }
  const { entry, ...logged } = found;
  return { ...logged, accountId, sessionId, size: entry.size, rootHex: entry.merkle_root_hex };
}
