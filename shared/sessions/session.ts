// A call session as the rest of the program sees it. Its stored form is in `session-row.ts`.
import type { Anchor, LogHead, LogRecord } from '../audit/log-record.ts';
import type { LogState, RedactionCounts, UnverifiableLog } from '../audit/verdict.ts';

export type { LogHead } from '../audit/log-record.ts';

/** How a session may end. */
export const SESSION_STATUSES = ['ok', 'error', 'partial'] as const;

/** How the call went, as its writer says; `partial` while nobody knows. */
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Counts that the writer keeps beside the log; every figure that a report proves comes from the log itself. */
export type SessionAggregate = RedactionCounts &
  Readonly<{
    /** The last `seq` counted, -1 for none. */
    throughSeq: number;
  }>;

/** Payloads as JSON values; any key is legal in them. Only kept where the policy has `log_payloads: true`. */
export type SessionPayloads = Readonly<{ request: unknown; masked: unknown; response: unknown }>;

/** The part of a session that lists show. */
export type SessionSummary = Readonly<{
  id: string;
  accountId: string;
  agentId: string;
  startedAt: Date;
  /** Null while the session is open. */
  endedAt: Date | null;
  status: SessionStatus;
  upstreamModel: string;
  /** The id by which the system that wrote it knows the session; absent where it stated none. */
  externalId?: string;
  aggregate: SessionAggregate;
}>;

/** A row of a list. */
export type ListedSession = Omit<SessionSummary, 'aggregate'> &
  Readonly<{
    aggregate: Pick<SessionAggregate, 'redactionCount' | 'redactionsByKind'>;
    logState: LogState;
  }>;

/** A session with the record of its log. */
export type Session = SessionSummary &
  Readonly<{
    policyName: string;
    policyVersion: number;
    /** SHA-256 hex over the policy text's bytes. */
    policySha256Hex: string;
    stageDurationsMs: ReadonlyArray<readonly [stage: string, durationMs: number]>;
    /** What its writer notes of it. No report states it. Absent where there is none. */
    metadata?: ReadonlyArray<readonly [name: string, value: string]>;
    log: LogHead;
    /** The stored root and the tree size it was stored at; null until the log closes or is backfilled. */
    merkleRootHex: string | null;
    merkleRootSize: number | null;
    /** The index of its `session_closed` entry in the account log; absent while there is none. */
    logIndex?: number;
  }>;

/** A session without what no log proves: a walk over many sessions reads no more of each. */
export type RecordedSession = Omit<
  Session,
  'upstreamModel' | 'aggregate' | 'stageDurationsMs' | 'externalId' | 'metadata'
>;

/**
 * How far derived data has followed a session. Null: its counts and root are due. `counted`: its hour's sum is due.
 * `done`: nothing is due.
 */
export type SessionStage = 'counted' | 'done' | null;

/** What verifications left on a session, for operators, the sweep and the metrics; it never decides a later verdict. */
export type SessionMarks = Readonly<{
  /** The log failed: the fault, the first `seq` at which it shows, and when this was found first. */
  failed: Readonly<{ fault: string; seq: number; foundAt: Date }> | null;
  /** The log was unverifiable: its audit key was not configured, or its row is damaged. */
  unverifiable: UnverifiableLog | null;
  /** The row holds what no verification leaves there: the next one that finds the log well takes it away. */
  isOdd?: true;
}>;

/** Whether a row has anything in the place of its marks. */
export function hasMarks({ failed, unverifiable, isOdd }: SessionMarks): boolean {
  return failed !== null || unverifiable !== null || isOdd === true;
}

/** A field of a row that is not of the type that a writer stores. `isRecorded`: the record of the log is made of it. */
export type Damage = Readonly<{ field: string; isRecorded: boolean }>;

/** A session's row as it was read at one moment. Results made from it are written only while `changes` is the same. */
export type SessionSnapshot<Row extends RecordedSession = Session> = Readonly<{
  session: Row;
  /** Counts the writes that derived data has to follow; 0 before the first. */
  changes: number;
  stage: SessionStage;
  marks: SessionMarks;
  /** The first field that is not of the type that a writer stores; null where there is none. */
  damage: Damage | null;
}>;

/** A log's head, with the counts of all entries up to it. */
export type CountedLog = Readonly<{ aggregate: SessionAggregate } & Pick<LogHead, 'size' | 'headHashHex'>>;

/** How a session ended, as its writer states it. */
export type SessionEnd = Readonly<{ endedAt: Date; status: SessionStatus }>;

/** A closed log as its row records it. The root is that of all its entries. */
export type ClosedLog = Readonly<{
  endedAt: Date;
  status: SessionStatus;
  log: LogHead;
  aggregate: SessionAggregate;
  merkleRootHex: string;
  stageDurationsMs?: Session['stageDurationsMs'] | undefined;
}>;

/**
 * Milliseconds from start to end, audit-format "Seal": derived from the two times, so that no row can state another. 0
 * where the end is before the start; null while there is no end. Null also where a row holds something else than times.
 */
export function durationOf({ startedAt, endedAt }: Pick<Session, 'startedAt' | 'endedAt'>): number | null {
  if (!(startedAt instanceof Date && endedAt instanceof Date)) return null;
  const ms = endedAt.getTime() - startedAt.getTime();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The record of the session's log: its row, the stored root as an anchor, and further anchors. */
export function logRecordOf(session: RecordedSession, anchors: readonly Anchor[] = []): LogRecord {
  const { id: sessionId, accountId, agentId, startedAt, endedAt, status, policySha256Hex, log } = session;
  const { merkleRootHex: rootHex, merkleRootSize } = session;
  // A row with a root and without a size was written before sizes were stored: its root is that of the whole log.
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
export function aggregateOf(counts: RedactionCounts, size: number): SessionAggregate {
  const { redactionCount, redactionsByKind, redactionsByPass, rehydrationFailureCount } = counts;
  return {
    redactionCount,
    redactionsByKind,
    redactionsByPass,
    rehydrationFailureCount,
    throughSeq: size - 1,
  };
}
