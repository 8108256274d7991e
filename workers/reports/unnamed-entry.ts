// Looks for entries of the account log that no row leads to: whoever takes a seal off a closed log, or cuts an open one, may
// take what names the entry off as well.
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import {
  type AboutSession,
  differingFacts,
  readAboutSession,
  type SessionClosed,
} from '../../shared/reports/session-evidence.ts';
import { NOT_AS_SIGNED, UNSIGNED } from '../../shared/reports/unsigned-log.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import { readSignedPart } from './signed-part.ts';

type Unnamed = Readonly<{
  session: RecordedSession;
  verdict: VerifiedLog;
  /** Before the log was walked: a report of later may have seen more of it. */
  askedAt: Date;
  /** The largest checkpoint of the account log that the process knew then. */
  known: KnownRoot | null;
}>;

/**
 * A problem, safe to show, where the account log recorded the session otherwise than it is now, or longer; null for none. Reads
 * the whole log, so it is asked only of a session of which a report states no entry: an open one, or one that ended a moment
 * ago. A problem too where the log is not what was signed.
 */
export async function checkUnnamed(logs: AccountLogs, { known, ...walked }: Unnamed): Promise<string | null> {
  const { accountId, id: sessionId } = walked.session;
  const signed = await readSignedPart(logs, accountId, known);
  if (!signed) return UNSIGNED;
  const named = `"session_id":"${sessionId}"`;
  let isContradicted = false;
  try {
    for await (const { text } of logs.reader.listAboutSessions(accountId, signed)) {
      const entry = text.includes(named) ? readAboutSession(text, { accountId, sessionId }) : null;
      if (entry && contradicts(entry, walked)) isContradicted = true;
    }
    return isContradicted ? UNNAMED : null;
  } catch (error) {
    if (error instanceof DamagedLog) return NOT_AS_SIGNED;
    throw error;
  }
}

function contradicts(entry: AboutSession, { session, verdict, askedAt }: Omit<Unnamed, 'known'>): boolean {
  if (entry.kind === 'report_issued')
    return entry.size > verdict.size && new Date(entry.generated_at) < askedAt;
  return !isOlder(entry, session, verdict) && differingFacts(entry, session, verdict).length > 0;
}

/** A log without a seal may have grown, or been sealed, and a row is marked a moment after the checkpoint. */
function isOlder(entry: SessionClosed, { log }: RecordedSession, { size, rootHex }: VerifiedLog): boolean {
  if (entry.seal !== null) return false;
  return entry.size < size || (log.seal !== null && entry.merkle_root_hex === rootHex);
}

const UNNAMED =
  "The account log recorded the session otherwise than it is stored now, and the session's row does not name the entry. Compare with a backup: the log may have been cut, or its seal taken off";
