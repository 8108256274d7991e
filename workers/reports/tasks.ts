// What the pool and its threads say to each other. Everything is plain data: errors lose class and code across
// threads, so expected outcomes are tagged results.

import type { AuditKeyBytes } from '../../shared/audit/audit-keys.ts';
import type { Anchor } from '../../shared/audit/log-record.ts';
import type { FailedLog, LogCounts, VerifiedLog } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { Session } from '../../shared/sessions/session.ts';

export type ThreadData = Readonly<{ mongodbUri: string; mongodbDb: string; keys: readonly AuditKeyBytes[] }>;

/** A log, and all that is needed to check it. */
export type LogRef = Readonly<{
  accountId: string;
  sessionId: string;
  agentId: string;
  keyId: string;
  keyCheck: string;
}>;

/** Set to 1 to stop the tasks that hold it between two batches. */
export type StopFlag = Int32Array;

export type RangeTask = Readonly<{
  log: LogRef;
  /** Entries `[begin, end)`, both multiples of the segment size. */
  begin: number;
  end: number;
  /** Whether the log may end within the range; every segment of other ranges must be there and full. */
  last: boolean;
  snapshotSizes: readonly number[];
  stop: StopFlag;
}>;

export type Stopped = Readonly<{ kind: 'stopped' }>;
export type UnknownKey = Readonly<{ kind: 'unknown_key' }>;

export type RangeOutcome =
  /** All is well so far; `more` if the log goes on after a `last` range. */
  | Readonly<{ kind: 'walked'; range: WalkedRange; more: boolean }>
  /** Something is not as in a log that is well: the whole log has to be looked at in order. */
  | Readonly<{ kind: 'irregular' }>
  | UnknownKey
  | Stopped;

export type WholeTask = Readonly<{ log: LogRef; snapshotSizes: readonly number[]; stop: StopFlag }>;

export type WholeOutcome =
  | Readonly<{ kind: 'walked'; range: WalkedRange }>
  | Readonly<{ kind: 'failed'; verdict: FailedLog }>
  | UnknownKey
  | Stopped;

export type TailTask = Readonly<{
  log: LogRef;
  /** Entries counted so far: the tail begins at this position. */
  begin: number;
  /** Hex hash of the entry before it; 64 zeros for none. */
  headHashHex: string;
  stop: StopFlag;
}>;

export type TailOutcome =
  /** `more` if the log may go on beyond what one task reads. */
  | Readonly<{ kind: 'counted'; end: number; headHashHex: string; counts: LogCounts; more: boolean }>
  /** Something is not as in a log that is well: the whole log has to be looked at. */
  | Readonly<{ kind: 'irregular' }>
  | UnknownKey
  | Stopped;

export type EventsTask = Readonly<{
  log: LogRef;
  /** Segments to read as they lie, whether or not the log is well. */
  indexes: readonly number[];
  /** Entries to present at most. */
  limit: number;
}>;

/** JSON text of array members, comma-separated, UTF-8, the counts of what was presented, and how many entries were read. */
export type EventsOutcome = Readonly<{ json: Uint8Array; counts: LogCounts; taken: number }>;

/** What a report is to be on, and what no thread can read. */
export type ReportOrder = Readonly<{
  accountId: string;
  /** An id by its looks; the account need not have the session. */
  sessionId: string;
  /** The content of the operator's BAA chain file, null where none is configured. */
  baaChainText: string | null;
}>;

export type ReportTask = Pick<ReportOrder, 'baaChainText'> &
  Readonly<{ session: Session; verdict: VerifiedLog }>;

export type ShortReportTask = Readonly<{ order: ReportOrder; stop: StopFlag }>;

/** A report that may be sent, and what is said of it in the ledger. */
export type MadeReport = Readonly<{
  id: string;
  generatedAt: Date;
  rootHex: string;
  /** Entries under that root. */
  size: number;
  /** The session's start and end; the end is null while it is open. */
  since: Date;
  until: Date | null;
  json: Uint8Array;
  jsonSha256Hex: string;
}>;

export type ReportTaskOutcome =
  | Readonly<{ kind: 'made'; report: MadeReport }>
  /** Safe to show: places and shapes, never values. */
  | Readonly<{ kind: 'refused'; problem: string }>;

export type NoSession = Readonly<{ kind: 'no_session' }>;

export type ShortReportOutcome =
  | ReportTaskOutcome
  | NoSession
  /** The log is longer than one range or not plainly well: only a walk says what it is. */
  | Readonly<{ kind: 'to_walk'; session: Session; lastReported: Anchor | null }>;

/** A task's result, or word that the database is away. */
export type Outcome<T> = Readonly<{ status: 'done'; result: T }> | Readonly<{ status: 'store_down' }>;
