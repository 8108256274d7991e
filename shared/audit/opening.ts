// The mark of a log that no seal covers yet: whose session it is and how it began, under the log's key. Without it, whoever
// can write to the database could change these facts while the log is open, and the seal would cover what they changed.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { canonicalize } from './canonical-json.ts';
import { type SealedFacts, sealMatches } from './seal.ts';

/** Everything under an opening mark: what the seal covers, without what is known only at the end. */
export type OpeningFacts = Pick<
  SealedFacts,
  'accountId' | 'agentId' | 'sessionId' | 'startedAt' | 'policySha256Hex' | 'keyId'
>;

/** What of a session an opening mark is held against. */
export type MarkedSession = Readonly<{
  id: string;
  accountId: string;
  agentId: string;
  startedAt: Date;
  policySha256Hex: string;
  log: Readonly<{ keyId: string; seal: string | null; opening?: string }>;
}>;

/** The key for opening marks, `HMAC-SHA256(audit_key, "masker-opening/v1")`: no mark can be a seal or an entry's hash. */
export function computeOpeningKey(auditKey: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', auditKey).update('masker-opening/v1').digest());
}

/** The mark: HMAC-SHA256 (RFC 2104) over the facts' canonical JSON, 64 hex digits. Throws a RangeError for an invalid date. */
export function computeOpeningMark(openingKey: KeyObject, facts: OpeningFacts): string {
  const text = canonicalize({
    account_id: facts.accountId,
    agent_id: facts.agentId,
    key_id: facts.keyId,
    policy_sha256: facts.policySha256Hex,
    session_id: facts.sessionId,
    started_at: facts.startedAt.toISOString(),
  });
  return createHmac('sha256', openingKey).update(text).digest('hex');
}

/** The mark of a session whose log is under the key. Throws as `computeOpeningMark`. */
export function openingMarkOf(
  openingKey: KeyObject,
  { id: sessionId, accountId, agentId, startedAt, policySha256Hex, log: { keyId } }: MarkedSession,
): string {
  const facts = { accountId, agentId, sessionId, startedAt, policySha256Hex, keyId };
  return computeOpeningMark(openingKey, facts);
}

/**
 * What the session's mark says of its facts: `sealed` where the log needs none, since its seal covers them; `absent` where
 * there is none; `differs` where it is of other facts or another key. `openingKey` is that of the log's key. Throws as
 * `computeOpeningMark`.
 */
export function judgeOpening(
  openingKey: KeyObject,
  session: MarkedSession,
): 'sealed' | 'matches' | 'absent' | 'differs' {
  const { seal, opening } = session.log;
  if (seal !== null) return 'sealed';
  if (opening === undefined) return 'absent';
  return sealMatches(opening, openingMarkOf(openingKey, session)) ? 'matches' : 'differs';
}
