// Inputs and results of the tasks about one log. All of it is plain data, which can be sent between threads.
import type { Anchor, LogRecord, LogRef } from '../../shared/audit/log-record.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { RecordedSession, Session, SessionSnapshot } from '../../shared/sessions/session.ts';
import type { StopFlag } from '../threads/stop-flag.ts';

/** Which log to verify, and against what. */
export type VerifyOrder = LogRef &
  Readonly<{
    /** Anchors beside the stored and the reported root. */
    anchors: readonly Anchor[];
    /** How many of the log's first entries to verify; null for the whole log. */
    until: number | null;
    /** How many of the first entries to list one by one. The others are only counted. */
    listed: number;
  }>;

/** A session's row as it was read, and the verdict on its log. */
export type SessionEvidence<Row extends RecordedSession = Session> = Readonly<{
  found: SessionSnapshot<Row>;
  verdict: LogVerdict;
}>;

/** The plan of a walk: the record to compare with, and the size that the log must have at least. */
export type WalkPlan = Readonly<{
  record: LogRecord;
  /** Entries that the log has at least, by its record. */
  expected: number;
  until: number | null;
  listed: number;
}>;

export type VerifyTask = Readonly<{ order: VerifyOrder; stop: StopFlag }>;

export type NoSession = Readonly<{ kind: 'no_session' }>;

export type Begun<Row extends RecordedSession = Session> = Readonly<{
  kind: 'begun';
  found: SessionSnapshot<Row>;
  plan: WalkPlan;
  /** The walked beginning of the log; null at the first sign that the log fails. */
  range: WalkedRange | null;
}>;

/** The end of a verification. The session may be gone where its row was read again. */
export type Concluded<Row extends RecordedSession = Session> =
  | NoSession
  | (Readonly<{ kind: 'concluded' }> & SessionEvidence<Row>);

export type BeginOutcome<Row extends RecordedSession = Session> = Begun<Row> | Concluded<Row>;

/** A log as a walk of a part of it knows it: whose it is, and the key that it was written under. */
export type SignedLog = LogRef &
  Readonly<{ agentId: string; startedAt: Date; keyId: string; keyCheck: string }>;

export type RangeTask = Readonly<{
  log: SignedLog;
  /** Entries `[begin, end)`, both multiples of the segment size. */
  begin: number;
  end: number;
  /** Whether the log may end within the range; every segment of other ranges must be there and full. */
  last: boolean;
  snapshotSizes: readonly number[];
  until: number | null;
  listed: number;
  stop: StopFlag;
}>;

export type RangeOutcome =
  /** Every entry of the range passed. `more`: the log goes on after a `last` range. */
  | Readonly<{ kind: 'walked'; range: WalkedRange; more: boolean }>
  /** The range is not as in a verified log. Only a walk of the whole log names the fault. */
  | Readonly<{ kind: 'irregular' }>
  | Readonly<{ kind: 'stopped' }>;

export type ConcludeTask<Row extends RecordedSession = Session> = Readonly<{
  order: VerifyOrder;
  /** The row that the plan was made from. */
  found: SessionSnapshot<Row>;
  plan: WalkPlan;
  /** All ranges of the log, in order; null where one was irregular. */
  ranges: readonly WalkedRange[] | null;
  stop: StopFlag;
}>;
