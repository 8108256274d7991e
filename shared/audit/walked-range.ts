// The result of a walk over one stretch of a log, as threads send it and the judge takes it.
import type { RangePeaks } from '../merkle/compact-range.ts';
import type { EntryTimes } from './entry-times.ts';
import type { ListedEvent, LogCounts } from './verdict.ts';

/** The log as it was when it held `size` entries, for comparison with a root or head hash recorded at that size. */
export type Snapshot = Readonly<{ size: number; headHashHex: string; range: RangePeaks }>;

/** One walked stretch `[begin, end)` of a log: plain data, from which the judge composes the whole. */
export type WalkedRange = Readonly<{
  /** The entries `[begin, end)`. */
  begin: number;
  end: number;
  /** `prev_hash` of the first entry. */
  prevHashHex: string;
  headHashHex: string;
  range: RangePeaks;
  snapshots: readonly Snapshot[];
  counts: LogCounts;
  events: readonly ListedEvent[];
  rehydrationFailures: readonly ListedEvent[];
  policyReloads: readonly number[];
  times: EntryTimes;
}>;
