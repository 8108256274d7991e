// The seal of a closed log, audit-format "Seal": an HMAC (RFC 2104) over canonical JSON (RFC 8785). It binds the log's
// head and root to its account, agent, policy and times.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalize } from './canonical-json.ts';
import { TextHmac } from './text-hmac.ts';

/** The facts under a seal. Times are sealed as ISO 8601 UTC with milliseconds, hashes as lower-case hex. */
export type SealedFacts = Readonly<{
  accountId: string;
  agentId: string;
  sessionId: string;
  startedAt: Date;
  endedAt: Date | null;
  status: string;
  /** SHA-256 hex over the policy file's bytes. */
  policySha256Hex: string;
  keyId: string;
  /** Entries. */
  size: number;
  headHashHex: string;
  rootHex: string;
}>;

/**
 * The key for seals, `HMAC-SHA256(audit_key, "masker-seal/v1")`. It differs from the audit key, so that no seal can be
 * an entry's hash.
 */
export function computeSealKey(auditKey: Uint8Array): TextHmac {
  return new TextHmac(createHmac('sha256', auditKey).update('masker-seal/v1').digest());
}

/** The seal: HMAC-SHA256 over the facts' canonical JSON, 64 hex digits. Throws a RangeError for an invalid date. */
export function computeSeal(sealKey: TextHmac, facts: SealedFacts): string {
  const text = canonicalize({
    account_id: facts.accountId,
    agent_id: facts.agentId,
    ended_at: facts.endedAt?.toISOString() ?? null,
    head_hash: facts.headHashHex,
    key_id: facts.keyId,
    merkle_root_hex: facts.rootHex,
    policy_sha256: facts.policySha256Hex,
    session_id: facts.sessionId,
    size: facts.size,
    started_at: facts.startedAt.toISOString(),
    status: facts.status,
  });
  return sealKey.signHex(text);
}

/** Whether a recorded seal, or an opening or closing mark, equals the computed one. Takes constant time for texts of one length. */
export function sealMatches(seal: string, computed: string): boolean {
  const a = Buffer.from(seal);
  const b = Buffer.from(computed);
  return a.length === b.length && timingSafeEqual(a, b);
}
