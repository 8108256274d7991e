// The stored shape of a session, private to the session repository. Names that come from outside (kinds, passes,
// stages) are kept as pairs, and payloads as text: none of them may become a field name in the database.
import { canonicalize } from '../audit/canonical-json.ts';
import type { CountPair, FailedLog } from '../audit/verdict.ts';
import type {
  LogHead,
  Session,
  SessionAggregate,
  SessionPayloads,
  SessionStatus,
  SessionSummary,
} from './session.ts';

export const SESSIONS = 'sessions';

export type StoredAggregate = {
  redaction_count: number;
  redactions_by_kind: CountPair[];
  redactions_by_pass: CountPair[];
  rehydration_failure_count: number;
  through_seq: number;
};

export type StoredLog = {
  size: number;
  head_hash: string;
  key_id: string;
  key_check: string;
  seal: string | null;
};

export type StoredSession = {
  _id: string;
  account_id: string;
  agent_id: string;
  started_at: Date;
  ended_at: Date | null;
  duration_ms: number | null;
  status: SessionStatus;
  upstream_model: string;
  policy_name: string;
  policy_version: number;
  policy_sha256: string;
  stage_durations_ms: [stage: string, durationMs: number][];
  /** JSON text, null unless the policy logs payloads. */
  payloads: string | null;
  log: StoredLog;
  aggregate: StoredAggregate;
  merkle_root_hex: string | null;
  merkle_root_size: number | null;
  /** Claimed by an import that has not published it yet. */
  importing?: true;
  /** What a check found wrong last, for the sweep and the metrics; never decides a later report. */
  log_failed?: { fault: string; seq: number; found_at: Date };
  /** The audit key that the pipeline could not check the log by. */
  key_missing?: string;
  /**
   * How far what is derived from the session has followed it. Absent: its counts and root are yet to be brought up to
   * its log. `counted`: its hour is yet to be summed. `done`: all is up to date.
   */
  stage?: 'counted' | 'done';
  /** Counts the writes that derived data has to follow; absent before the first. */
  changes?: number;
  /** When the last of them was. */
  changed_at?: Date;
};

/** What such a write adds to its update, beside `changed_at`. */
export const CHANGED = { $inc: { changes: 1 }, $unset: { stage: '' } } as const;

export const SUMMARY_FIELDS = {
  account_id: 1,
  agent_id: 1,
  started_at: 1,
  ended_at: 1,
  duration_ms: 1,
  status: 1,
  upstream_model: 1,
  aggregate: 1,
  importing: 1,
} as const;

export const SESSION_FIELDS = {
  ...SUMMARY_FIELDS,
  policy_name: 1,
  policy_version: 1,
  policy_sha256: 1,
  stage_durations_ms: 1,
  log: 1,
  merkle_root_hex: 1,
  merkle_root_size: 1,
} as const;

export function toSummary(row: StoredSession): SessionSummary {
  return {
    id: row._id,
    accountId: row.account_id,
    agentId: row.agent_id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    status: row.status,
    upstreamModel: row.upstream_model,
    aggregate: {
      redactionCount: row.aggregate.redaction_count,
      redactionsByKind: row.aggregate.redactions_by_kind,
      redactionsByPass: row.aggregate.redactions_by_pass,
      rehydrationFailureCount: row.aggregate.rehydration_failure_count,
      throughSeq: row.aggregate.through_seq,
    },
  };
}

export function toSession(row: StoredSession): Session {
  return {
    ...toSummary(row),
    policyName: row.policy_name,
    policyVersion: row.policy_version,
    policySha256Hex: row.policy_sha256,
    stageDurationsMs: row.stage_durations_ms,
    // Whatever somebody put here is passed on: the check of the log names it.
    log: {
      size: row.log?.size,
      headHashHex: row.log?.head_hash,
      keyId: row.log?.key_id,
      keyCheck: row.log?.key_check,
      seal: row.log?.seal,
    },
    merkleRootHex: row.merkle_root_hex,
    merkleRootSize: row.merkle_root_size,
  };
}

export function toStored(session: Session, payloads: SessionPayloads | null): StoredSession {
  return {
    _id: session.id,
    account_id: session.accountId,
    agent_id: session.agentId,
    started_at: session.startedAt,
    ended_at: session.endedAt,
    duration_ms: session.durationMs,
    status: session.status,
    upstream_model: session.upstreamModel,
    policy_name: session.policyName,
    policy_version: session.policyVersion,
    policy_sha256: session.policySha256Hex,
    stage_durations_ms: session.stageDurationsMs.map(([stage, ms]) => [stage, ms]),
    payloads: payloads && canonicalize(payloads),
    log: toStoredLog(session.log),
    aggregate: toStoredAggregate(session.aggregate),
    merkle_root_hex: session.merkleRootHex,
    merkle_root_size: session.merkleRootSize,
  };
}

export function toStoredLog(log: LogHead): StoredLog {
  return {
    size: log.size,
    head_hash: log.headHashHex,
    key_id: log.keyId,
    key_check: log.keyCheck,
    seal: log.seal,
  };
}

export function toStoredAggregate(aggregate: SessionAggregate): StoredAggregate {
  return {
    redaction_count: aggregate.redactionCount,
    redactions_by_kind: [...aggregate.redactionsByKind],
    redactions_by_pass: [...aggregate.redactionsByPass],
    rehydration_failure_count: aggregate.rehydrationFailureCount,
    through_seq: aggregate.throughSeq,
  };
}

/** The mark that a wrong log leaves on its session. */
export function toStoredMark(verdict: FailedLog, now: Date): NonNullable<StoredSession['log_failed']> {
  return { fault: verdict.fault, seq: verdict.seq, found_at: now };
}
