// Looks for entries of the account log that no row leads to: whoever takes a seal off a closed log, or cuts an open one, may
// take what names the entry off as well.
import type { Anchor } from '../../shared/audit/log-record.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import {
  anchorOf,
  differingFacts,
  readAboutSession,
  type SessionClosed,
} from '../../shared/reports/session-evidence.ts';
import { NOT_AS_SIGNED, UNSIGNED } from '../../shared/reports/unsigned-log.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import { readSignedPart } from './signed-part.ts';

type Walked = Readonly<{
  session: RecordedSession;
  verdict: VerifiedLog;
  /** The largest checkpoint of the account log that the process knew before the log was walked. */
  known: KnownRoot | null;
}>;

/** What nothing led to. */
export type Unnamed =
  /** The account log recorded the session otherwise than it is now, or is not what was signed. Safe to show. */
  | Readonly<{ problem: string }>
  /** Roots that reports stated, and that the walk did not compare. */
  | Readonly<{ problem: null; anchors: readonly Anchor[] }>;

/**
 * Reads the whole log, so it is asked only of a session of which a report states no entry: an open one, or one that ended a
 * moment ago. The anchors may be of reports that were issued since the log was walked, and saw more: another walk tells.
 */
export async function findUnnamed(logs: AccountLogs, { session, verdict, known }: Walked): Promise<Unnamed> {
  const { accountId, id: sessionId } = session;
  const signed = await readSignedPart(logs, accountId, known);
  if (!signed) return { problem: UNSIGNED };
  const named = `"session_id":"${sessionId}"`;
  const compared = new Set(verdict.anchors.map(nameOf));
  const anchors = new Map<string, Anchor>();
  let isContradicted = false;
  try {
    for await (const { text } of logs.reader.listAboutSessions(accountId, signed)) {
      const entry = text.includes(named) ? readAboutSession(text, { accountId, sessionId }) : null;
      if (!entry) continue;
      if (entry.kind === 'session_closed') isContradicted ||= contradicts(entry, session, verdict);
      else {
        const anchor = { ...anchorOf(entry), isSigned: true };
        if (!compared.has(nameOf(anchor))) anchors.set(nameOf(anchor), anchor);
      }
    }
    return isContradicted ? { problem: UNNAMED } : { problem: null, anchors: [...anchors.values()] };
  } catch (error) {
    if (error instanceof DamagedLog) return { problem: NOT_AS_SIGNED };
    throw error;
  }
}

const nameOf = ({ size, rootHex }: Anchor) => `${size} ${rootHex}`;

function contradicts(entry: SessionClosed, session: RecordedSession, verdict: VerifiedLog): boolean {
  return !isOlder(entry, session, verdict) && differingFacts(entry, session, verdict).length > 0;
}

/** A log without a seal may have grown, or been sealed, and a row is marked a moment after the checkpoint. */
function isOlder(entry: SessionClosed, { log }: RecordedSession, { size, rootHex }: VerifiedLog): boolean {
  if (entry.seal !== null) return false;
  return entry.size < size || (log.seal !== null && entry.merkle_root_hex === rootHex);
}

const UNNAMED =
  "The account log recorded the session otherwise than it is stored now, and the session's row does not name the entry. Compare with a backup: the log may have been cut, or its seal taken off";
