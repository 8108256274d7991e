// A call session as the rest of the program sees it. Its stored shape is private to the repository.
import type { Anchor, LogHead, LogRecord } from '../audit/log-record.ts';
import type { CountPair, LogCounts } from '../audit/verdict.ts';

export type { LogHead } from '../audit/log-record.ts';

export const SESSION_STATUSES = ['ok', 'error', 'partial'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

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
    /** The stored root and the tree size it was stored at; null until the log closes or is backfilled. */
    merkleRootHex: string | null;
    merkleRootSize: number | null;
  }>;

/** The record of the session's log: its row, the stored root as an anchor, and further anchors. */
export function logRecordOf(session: Session, anchors: readonly Anchor[] = []): LogRecord {
  const { id: sessionId, accountId, agentId, startedAt, endedAt, status, policySha256Hex, log } = session;
  const { merkleRootHex: rootHex, merkleRootSize } = session;
  // A row that has a root and no size is of before sizes were stored: its root was computed over the whole log.
  const stored =
    rootHex === null ? [] : [{ source: 'stored', size: merkleRootSize ?? log.size, rootHex } as const];
  return {
    accountId,
    sessionId,
    agentId,
    startedAt,
    endedAt,
    status,
    policySha256Hex,
    log,
    anchors: [...stored, ...anchors],
  };
}

/** The counts of a log of `size` entries as its session's row keeps them. */
export function aggregateOf(counts: LogCounts, size: number): SessionAggregate {
  const { redactionCount, redactionsByKind, redactionsByPass, rehydrationFailureCount } = counts;
  return {
    redactionCount,
    redactionsByKind,
    redactionsByPass,
    rehydrationFailureCount,
    throughSeq: size - 1,
  };
}
