// Looks for an entry of the account log that a session's row does not name: whoever takes a seal off a closed log may take
// the index of its entry off the row as well.
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { LogReader } from '../../shared/reports/account-log.ts';
import { differingFacts, readSessionClosed } from '../../shared/reports/session-evidence.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';

/**
 * Whether the account log recorded the session otherwise than it is now. Reads the whole log, so it is asked only of a
 * session whose row names no entry that a checkpoint covers: an open one, or one that ended a moment ago. True too where the
 * log lacks entries.
 */
export async function contradictsUnnamed(
  reader: Pick<LogReader, 'checkpoint' | 'listAboutSessions'>,
  session: RecordedSession,
  verdict: VerifiedLog,
): Promise<boolean> {
  const { accountId, id: sessionId } = session;
  const size = (await reader.checkpoint(accountId))?.size ?? 0;
  const named = `"session_id":"${sessionId}"`;
  try {
    for await (const { text } of reader.listAboutSessions(accountId, size)) {
      const entry = text.includes(named) ? readSessionClosed(text, { accountId, sessionId }) : null;
      if (!entry) continue;
      // An unsealed log may have grown, and a row is marked a moment after the checkpoint.
      const isOlder = entry.seal === null && entry.size < verdict.size;
      if (!isOlder && differingFacts(entry, session, verdict).length > 0) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof DamagedLog) return true;
    throw error;
  }
}
