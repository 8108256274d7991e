// The verdicts on an audit log. A failed log is a result with a name and a place, never an exception.
import type { EntryTimes } from './entry-times.ts';
import type { Anchor, DisputedAnchor } from './log-record.ts';

/** The kinds of failure, audit-format "Ways a log can be wrong". At one entry, the first that fits names it. */
export const LOG_FAULTS = [
  'key_out_of_scope',
  'malformed',
  'foreign',
  'duplicate',
  'fork',
  'reordered',
  'gap',
  'altered',
  'truncated',
  'overlong',
  'seal_missing',
  'seal_mismatch',
  'root_mismatch',
] as const;

/** One of `LOG_FAULTS`. */
export type LogFault = (typeof LOG_FAULTS)[number];

/**
 * A failed log: the kind of failure, the first `seq` at which it shows, and the two values that differ, null where none
 * can be shown. Values are hashes in hex, sizes, positions or ids, never an entry's content.
 */
export type FailedLog = Readonly<{
  status: 'failed';
  fault: LogFault;
  seq: number;
  expected: string | null;
  calculated: string | null;
  /** The entry at `seq`, where there is one that can be read. */
  event?: FailedEvent;
  /** The anchor that the log contradicts, where somebody asked who signed it. */
  anchor?: Pick<Anchor, 'source' | 'isSigned' | 'reportId'>;
}>;

/** Names an entry: its event id, and its time as it states it. */
export type FailedEvent = Readonly<{ id: string; ts: string }>;

/** Makes the verdict of a failed log. */
export function failed(
  fault: LogFault,
  seq: number,
  expected: string | null,
  calculated: string | null,
): FailedLog {
  return { status: 'failed', fault, seq, expected, calculated };
}

/**
 * A log of which nothing can be stated, so that it counts as neither verified nor failed: its key is not configured, or its
 * row is damaged.
 */
export type UnverifiableLog = UnknownKey | DamagedRow;

/** Nothing was checked. */
export type UnknownKey = Readonly<{ status: 'unverifiable'; reason: 'unknown_key'; keyId: string }>;

/** Makes the verdict on a log whose key is not configured, or is another key of that name. */
export function unknownKey(keyId: string): UnknownKey {
  return { status: 'unverifiable', reason: 'unknown_key', keyId };
}

/** A field of the session's row is not of the type that a writer stores, or contradicts what its key signed. */
export type DamagedRow = Readonly<{ status: 'unverifiable'; reason: 'damaged_row'; field: string }>;

/** Makes the verdict on a log whose row is damaged. */
export function damagedRow(field: string): DamagedRow {
  return { status: 'unverifiable', reason: 'damaged_row', field };
}

/** Why, and the remedy, as a sentence without its end. Shows no value of the row. */
export function explainUnverifiable(verdict: UnverifiableLog): string {
  if (verdict.reason === 'unknown_key')
    return `audit key ${verdict.keyId} is not configured, or is another key of that name`;
  return `the row is damaged: ${verdict.field} is not as a writer stored it${covered(verdict.field)}; compare the row with a backup`;
}

/** An opening mark that does not fit says that it was changed, or any fact that it covers. */
function covered(field: string): string {
  return field === 'log.opening'
    ? ', or the agent, the start, the policy or the key that it covers is not'
    : '';
}

/** `open`: still growing. `sealed`: ended, with its whole tail. `unsealed`: ended, and its tail may have been cut. */
export type LogState = (typeof LOG_STATES)[number];

/** The states, for filters. */
export const LOG_STATES = ['open', 'sealed', 'unsealed'] as const;

/** The state by what the row records: after a session's end, only a seal shows that no entry is missing at the tail. */
export function logStateOf(seal: string | null, endedAt: Date | null): LogState {
  // A row may hold anything.
  if (typeof seal === 'string') return 'sealed';
  return endedAt === null ? 'open' : 'unsealed';
}

/**
 * Counts of entries. Pairs are `[name, count]`, sorted by name in UTF-16 code units, each name once, any name legal.
 */
export type RedactionCounts = Readonly<{
  redactionCount: number;
  redactionsByKind: readonly CountPair[];
  redactionsByPass: readonly CountPair[];
  rehydrationFailureCount: number;
}>;

/** Every entry of a log, counted. */
export type LogCounts = RedactionCounts &
  Readonly<{
    /** Entries of kinds other than `redaction` and `rehydration_failed`. */
    otherKinds: readonly CountPair[];
  }>;

/** A name from a log and how many entries have it. */
export type CountPair = readonly [name: string, count: number];

/** One line of an entry listing; never the span or anything of the conversation. */
export type ListedEvent = Readonly<{
  id: string;
  seq: number;
  /** As the entry has it. */
  ts: string;
  kind: string;
  pass: string | null;
  entityKind: string | null;
}>;

/** A log whose every entry, link and HMAC was checked, and which agrees with its record. */
export type VerifiedLog = Readonly<{
  status: 'verified';
  state: LogState;
  /** Entries read: the tree size. */
  size: number;
  rootHex: string;
  headHashHex: string;
  keyId: string;
  /** The anchors compared, each reproduced at its size. */
  anchors: readonly Anchor[];
  /** Anchors that were not reproduced, and that are no evidence against the log; absent where there is none. */
  disputed?: readonly DisputedAnchor[];
  times: EntryTimes;
  counts: LogCounts;
  /** The first 1,000 entries in `seq` order. */
  events: readonly ListedEvent[];
  /** The first 1,000 rehydration failures in `seq` order; `counts` has how many there are. */
  rehydrationFailures: readonly ListedEvent[];
  /** `seq` of the first 1,000 `policy_reloaded` entries. */
  policyReloads: readonly number[];
}>;

/** The result of a verification. */
export type LogVerdict = VerifiedLog | FailedLog | UnverifiableLog;

/** The verdict as one word: `verified`, `unverifiable`, or the name of the fault. */
export function verdictName(verdict: LogVerdict): 'verified' | 'unverifiable' | LogFault {
  return verdict.status === 'failed' ? verdict.fault : verdict.status;
}
