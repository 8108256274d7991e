// Looks for entries of the account log that no row leads to: whoever takes a seal off a closed log, or cuts an open one, may
// take what names the entry off as well.
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import { checkCheckpoint } from '../../shared/reports/check-checkpoint.ts';
import {
  type AboutSession,
  differingFacts,
  readAboutSession,
  type SessionClosed,
} from '../../shared/reports/session-evidence.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';

type Unnamed = Readonly<{
  session: RecordedSession;
  verdict: VerifiedLog;
  /** Before the log was walked: a report of later may have seen more of it. */
  askedAt: Date;
}>;

/**
 * Whether the account log recorded the session otherwise than it is now, or longer. Reads the whole log, so it is asked only
 * of a session of which a report states no entry: an open one, or one that ended a moment ago. True too where the log is not
 * what was signed.
 */
export async function contradictsUnnamed(
  { reader, keys }: AccountLogs,
  { session, verdict, askedAt }: Unnamed,
): Promise<boolean> {
  const { accountId, id: sessionId } = session;
  const signed = await reader.checkpoint(accountId);
  const checkpoint = signed && checkCheckpoint(signed, keys, accountId);
  if (signed && !checkpoint) return true;
  const named = `"session_id":"${sessionId}"`;
  let isContradicted = false;
  try {
    for await (const { text } of reader.listAboutSessions(
      accountId,
      checkpoint?.size ?? 0,
      checkpoint?.root,
    )) {
      const entry = text.includes(named) ? readAboutSession(text, { accountId, sessionId }) : null;
      if (entry && contradicts(entry, { session, verdict, askedAt })) isContradicted = true;
    }
    return isContradicted;
  } catch (error) {
    if (error instanceof DamagedLog) return true;
    throw error;
  }
}

function contradicts(entry: AboutSession, { session, verdict, askedAt }: Unnamed): boolean {
  if (entry.kind === 'report_issued')
    return entry.size > verdict.size && new Date(entry.generated_at) < askedAt;
  return !isOlder(entry, session, verdict) && differingFacts(entry, session, verdict).length > 0;
}

/** A log without a seal may have grown, or been sealed, and a row is marked a moment after the checkpoint. */
function isOlder(entry: SessionClosed, { log }: RecordedSession, { size, rootHex }: VerifiedLog): boolean {
  if (entry.seal !== null) return false;
  return entry.size < size || (log.seal !== null && entry.merkle_root_hex === rootHex);
}
