// What the tasks about one log are told and answer. Everything is plain data, since it crosses the threads' border.
import type { Anchor, LogRecord, LogRef } from '../../shared/audit/log-record.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { StopFlag } from '../threads/stop-flag.ts';

/** Which log to verify, and against what. */
export type VerifyOrder = LogRef &
  Readonly<{
    /** Anchors beside the stored root and the root last reported. */
    anchors: readonly Anchor[];
    /** Verifies the log's first entries alone, so many of them; null for the whole log. */
    until: number | null;
    /** Entries listed one by one, from the first; the others are only counted. */
    listed: number;
  }>;

/** A session's row as it was read, and what its log was found to be. */
export type SessionEvidence = Readonly<{ found: SessionSnapshot; verdict: LogVerdict }>;

/** How a log is walked: the record it is compared with, and how far it goes at least. */
export type WalkPlan = Readonly<{
  record: LogRecord;
  /** Entries that the log has at least, by its record. */
  expected: number;
  until: number | null;
  listed: number;
}>;

export type VerifyTask = Readonly<{ order: VerifyOrder; stop: StopFlag }>;

export type NoSession = Readonly<{ kind: 'no_session' }>;

export type Begun = Readonly<{
  kind: 'begun';
  found: SessionSnapshot;
  plan: WalkPlan;
  /** The log's beginning, walked; null at the first sign that the log fails. */
  range: WalkedRange | null;
}>;

export type BeginOutcome = NoSession | Begun | (Readonly<{ kind: 'concluded' }> & SessionEvidence);

export type RangeTask = Readonly<{
  log: LogRef & Readonly<{ agentId: string; keyId: string; keyCheck: string }>;
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
  /** All is as it should be so far; `more` if the log goes on after a `last` range. */
  | Readonly<{ kind: 'walked'; range: WalkedRange; more: boolean }>
  /** Something is not as in a log that can be verified: only a walk of the whole log says what. */
  | Readonly<{ kind: 'irregular' }>
  | Readonly<{ kind: 'stopped' }>;

export type ConcludeTask = Readonly<{
  plan: WalkPlan;
  /** All ranges of the log, in order; null where one was irregular. */
  ranges: readonly WalkedRange[] | null;
  stop: StopFlag;
}>;
