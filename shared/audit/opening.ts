// The mark of a log that no seal covers: whose session it is and how it began, under the log's key, and how it ended where it
// came with its end and without a seal. Without it, whoever can write to the database could change these facts while the log
// is open, and the seal would cover what they changed, or end the session as they like.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { canonicalize } from './canonical-json.ts';
import { type SealedFacts, sealMatches } from './seal.ts';

/** Everything under an opening mark: what the seal covers, without its log's. */
export type OpeningFacts = Omit<SealedFacts, 'size' | 'headHashHex' | 'rootHex'>;

/** What of a session an opening mark is held against. */
export type MarkedSession = Readonly<{
  id: string;
  accountId: string;
  agentId: string;
  startedAt: Date;
  endedAt: Date | null;
  status: string;
  policySha256Hex: string;
  log: Readonly<{ keyId: string; seal: string | null; opening?: string }>;
}>;

/** The key for opening marks, `HMAC-SHA256(audit_key, "masker-opening/v1")`: no mark can be a seal or an entry's hash. */
export function computeOpeningKey(auditKey: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', auditKey).update('masker-opening/v1').digest());
}

/**
 * The mark: HMAC-SHA256 (RFC 2104) over the facts' canonical JSON, 64 hex digits. Of an open session it is not over the
 * status, which nobody knows yet. Throws a RangeError for an invalid date.
 */
export function computeOpeningMark(openingKey: KeyObject, facts: OpeningFacts): string {
  const text = canonicalize({
    account_id: facts.accountId,
    agent_id: facts.agentId,
    key_id: facts.keyId,
    policy_sha256: facts.policySha256Hex,
    session_id: facts.sessionId,
    started_at: facts.startedAt.toISOString(),
    ...(facts.endedAt !== null && { ended_at: facts.endedAt.toISOString(), status: facts.status }),
  });
  return createHmac('sha256', openingKey).update(text).digest('hex');
}

/** The mark of a session whose log is under the key. Throws as `computeOpeningMark`. */
export function openingMarkOf(
  openingKey: KeyObject,
  { id: sessionId, log: { keyId }, ...facts }: MarkedSession,
): string {
  return computeOpeningMark(openingKey, { ...facts, sessionId, keyId });
}

/**
 * What the session's mark says of its facts: `sealed` where the log needs none, since its seal covers them; `absent` where
 * there is none; `differs` where it is of other facts or another key. Whether the session has ended is left open: a log
 * that lost its seal bears the mark that it was opened with. `openingKey` is that of the log's key. Throws as
 * `computeOpeningMark`.
 */
export function judgeOpening(
  openingKey: KeyObject,
  session: MarkedSession,
): 'sealed' | 'matches' | 'absent' | 'differs' {
  const { seal, opening } = session.log;
  if (seal !== null) return 'sealed';
  if (opening === undefined) return 'absent';
  const isMark = (endedAt: Date | null) =>
    sealMatches(opening, openingMarkOf(openingKey, { ...session, endedAt }));
  return isMark(session.endedAt) || isMark(null) ? 'matches' : 'differs';
}

/** Whether the mark of a session without a seal is over its end, too. Throws as `computeOpeningMark`. */
export function isEndMarked(openingKey: KeyObject, session: MarkedSession): boolean {
  const { opening } = session.log;
  return (
    session.endedAt !== null &&
    opening !== undefined &&
    sealMatches(opening, openingMarkOf(openingKey, session))
  );
}
