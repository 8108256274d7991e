// The mark that a close leaves at the end of a log: what was said of the session's end, under the log's key. If the
// process dies before it has sealed the log, anyone with the key can go on from here, and nobody without it can make it.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { canonicalize } from './canonical-json.ts';
import type { SealedFacts } from './seal.ts';

/** Everything under a closing mark: what the seal covers, without the root, which takes a walk to know. */
export type ClosingFacts = Omit<SealedFacts, 'rootHex' | 'endedAt'> &
  Readonly<{
    endedAt: Date;
    /** Null where the writer stated none. */
    stageDurationsMs: ReadonlyArray<readonly [stage: string, durationMs: number]> | null;
  }>;

/** The key for closing marks, `HMAC-SHA256(audit_key, "masker-closing/v1")`: no mark can be a seal or an entry's hash. */
export function computeClosingKey(auditKey: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', auditKey).update('masker-closing/v1').digest());
}

/** The mark: HMAC-SHA256 (RFC 2104) over the facts' canonical JSON, 64 hex digits. Throws a RangeError for an invalid date. */
export function computeClosingMark(closingKey: KeyObject, facts: ClosingFacts): string {
  const text = canonicalize({
    account_id: facts.accountId,
    agent_id: facts.agentId,
    ended_at: facts.endedAt.toISOString(),
    head_hash: facts.headHashHex,
    key_id: facts.keyId,
    policy_sha256: facts.policySha256Hex,
    session_id: facts.sessionId,
    size: facts.size,
    stage_durations_ms: facts.stageDurationsMs?.map(([stage, ms]) => [stage, ms]) ?? null,
    started_at: facts.startedAt.toISOString(),
    status: facts.status,
  });
  return createHmac('sha256', closingKey).update(text).digest('hex');
}
