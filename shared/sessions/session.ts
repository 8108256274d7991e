// A call session as the rest of the program sees it. Its stored shape is private to the repository.
import type { CountPair } from '../audit/verdict.ts';

export const SESSION_STATUSES = ['ok', 'error', 'partial'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** The recorded head of a session's log: a lower bound while the log is open, sealed once it is closed. */
export type LogHead = Readonly<{
  /** Entries. */
  size: number;
  /** `this_hash` of the last entry; 64 zeros for an empty log. */
  headHashHex: string;
  keyId: string;
  /** First 16 hex digits of `HMAC-SHA256(audit_key, "masker-key-check")`. */
  keyCheck: string;
  /** Hex, or null while the log is open or was never sealed. */
  seal: string | null;
}>;

/** Counts that the writer keeps beside the log; what an answer proves comes from the log itself. */
export type SessionAggregate = Readonly<{
  redactionCount: number;
  redactionsByKind: readonly CountPair[];
  redactionsByPass: readonly CountPair[];
  rehydrationFailureCount: number;
  /** The last `seq` counted, -1 for none. */
  throughSeq: number;
}>;

/** Payloads as JSON values; any key is legal in them. Only kept where the policy has `log_payloads: true`. */
export type SessionPayloads = Readonly<{ request: unknown; masked: unknown; response: unknown }>;

export type SessionSummary = Readonly<{
  id: string;
  accountId: string;
  agentId: string;
  startedAt: Date;
  /** Null while the session is open. */
  endedAt: Date | null;
  durationMs: number | null;
  status: SessionStatus;
  upstreamModel: string;
  aggregate: SessionAggregate;
}>;

export type Session = SessionSummary &
  Readonly<{
    policyName: string;
    policyVersion: number;
    /** SHA-256 hex over the policy text's bytes. */
    policySha256Hex: string;
    stageDurationsMs: ReadonlyArray<readonly [stage: string, durationMs: number]>;
    log: LogHead;
    /** The root as sealed, and the tree size it was sealed at; null until sealed. */
    merkleRootHex: string | null;
    merkleRootSize: number | null;
  }>;
