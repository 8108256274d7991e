// The tasks that make a session's page: the head once, then the events in bounded parts. A part is walked and written
// out from the same bytes, so a verified log is read once.
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { REDACTION, readEntry } from '../../shared/audit/entry.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { Tally } from '../../shared/audit/tally.ts';
import type { LogCounts, LogVerdict } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import { SEGMENT_SIZE, type SegmentEntries, type StoredSegment } from '../../shared/log-store/segment.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { StopFlag } from '../threads/stop-flag.ts';
import type { NoSession, WalkPlan } from './log-tasks.ts';
import type { PageFacts, PageReader } from './page-reader.ts';
import { openRecord, type VerifyDeps } from './verify-session.ts';
import { planWalk, rangeTask } from './walk-plan.ts';
import { readBatch } from './walk-range.ts';

export type PageDeps = VerifyDeps & Readonly<{ page: PageReader }>;

export type PageTask = Readonly<{ log: LogRef; withPayloads: boolean; stop: StopFlag }>;

export type PartTask = Readonly<{
  log: LogRef;
  /** Segments to read, ascending. */
  indexes: readonly number[];
  /** Entries to write out at most. */
  limit: number;
  /** Null where events are only written out, not walked: the verdict is known already. */
  plan: WalkPlan | null;
  stop: StopFlag;
}>;

export type PagePart = Readonly<{
  /** JSON text of array members, comma-separated, UTF-8. */
  json: Uint8Array;
  /** Counts of the entries that were written out. */
  counts: LogCounts;
  /** Entries read. */
  taken: number;
  /** Null where the part was not walked, or is not as in a verified log. */
  range: WalkedRange | null;
  /** Whether the log may go on after these segments. */
  more: boolean;
}>;

export type OpenedPage = Readonly<{ kind: 'opened'; found: SessionSnapshot; facts: PageFacts }> &
  (
    | Readonly<{ plan: WalkPlan; first: PagePart }>
    /** The verdict is known without a walk: the record is damaged, or the key is not configured. */
    | Readonly<{ plan: null; verdict: LogVerdict }>
  );

/** Segments of a part: about a quarter of a megabyte of common events. */
export const PART_SEGMENTS = 4;

/** Reads the head of a page and its first part, which holds all of most logs. */
export async function openPage(
  deps: PageDeps,
  { log, withPayloads, stop }: PageTask,
): Promise<OpenedPage | NoSession> {
  const reading = deps.rows.find(log);
  const batch = readBatch(deps.reader, log, 0, PART_SEGMENTS);
  const opened = await openRecord(deps, { ...log, anchors: [] }, reading);
  if (!opened) return { kind: 'no_session' };
  const { found, record, verdict } = opened;
  const facts = deps.page.facts(found.session, withPayloads);
  if (verdict) return { kind: 'opened', found, facts: await facts, plan: null, verdict };
  const plan = planWalk(record, { until: null, listed: 0 });
  const part = { log, indexes: batch.indexes, limit: Number.POSITIVE_INFINITY, plan, stop };
  const [read, first] = await Promise.all([facts, readPart(deps, part, batch.segments)]);
  return { kind: 'opened', found, facts: read, plan, first };
}

/**
 * Reads a part, walks it where it has a plan, and writes its redactions out. `reading` is its segments where their read
 * has been started already.
 */
export async function readPart(
  deps: PageDeps,
  task: PartTask,
  reading?: Promise<StoredSegment[]>,
): Promise<PagePart> {
  const { accountId, sessionId } = task.log;
  const read = () => deps.reader.read(accountId, sessionId, task.indexes);
  const part = presentPart(deps, task, await (reading ?? read()));
  if (part.range || !task.plan) return part;
  // The segments may be older than the row, or one of them older than the next: they are read again before the log is
  // doubted, so that the page has every entry that the verdict is on.
  return presentPart(deps, task, await read());
}

/**
 * Writes out every readable entry of the session, even where the walk fails: an investigator has to see it. Leaves out
 * an entry that cannot be read or is another session's; the verdict after the events names the fault.
 */
function presentPart(deps: PageDeps, task: PartTask, stored: readonly StoredSegment[]): PagePart {
  const segments = stored.map((segment) => ({ index: segment.index, ...segment.open() }));
  const tally = new Tally();
  const events: string[] = [];
  let taken = 0;
  for (const { bytes, begins, ends } of segments) {
    for (const [i, begin] of begins.entries()) {
      if (taken === task.limit) break;
      taken += 1;
      const entry = readEntry(bytes.subarray(begin, ends[i]));
      if (entry?.sessionId !== task.log.sessionId) continue;
      tally.add({ ...entry, id: entry.eventId });
      if (entry.kind === REDACTION) events.push(presentEvent(entry.members));
    }
  }
  return {
    // TextEncoder gives bytes that own their memory; a pooled Buffer cannot be transferred to another thread.
    json: new TextEncoder().encode(events.join(',')),
    counts: tally.counts(),
    taken,
    range: task.plan && walkPart(deps, task, task.plan, segments),
    more: segments.length === task.indexes.length && segments.every(isFull),
  };
}

function walkPart(
  { keyring }: PageDeps,
  { indexes, stop }: PartTask,
  plan: WalkPlan,
  segments: readonly OpenedSegment[],
): WalkedRange | null {
  const { key } = keyring.find({ ...plan.record, ...plan.record.log });
  const firstIndex = indexes[0] ?? 0;
  if (!key || !canEnd(segments, firstIndex)) return null;
  const begin = firstIndex * SEGMENT_SIZE;
  const end = begin + indexes.length * SEGMENT_SIZE;
  const { snapshotSizes } = rangeTask(plan, begin, stop, end);
  const walker = new LogWalker(plan.record, key.hasher, { begin, snapshotSizes, listedLimit: 0 });
  for (const { bytes, begins, ends } of segments) if (walker.stepAll(bytes, begins, ends)) return null;
  // The log is shorter than recorded. Only a walk of the whole log says what is missing.
  const isShort =
    walker.end < Math.min(end, plan.expected) || snapshotSizes.some((size) => size > walker.end);
  return isShort ? null : walker.finish();
}

type OpenedSegment = SegmentEntries & Readonly<{ index: number }>;

function isFull({ begins }: OpenedSegment): boolean {
  return begins.length === SEGMENT_SIZE;
}

/** Whether a log may end with these segments: none is missing, and all but the last are full. */
function canEnd(segments: readonly OpenedSegment[], firstIndex: number): boolean {
  return segments.every(
    (segment, i) =>
      segment.index === firstIndex + i &&
      (i < segments.length - 1 ? isFull(segment) : segment.begins.length <= SEGMENT_SIZE),
  );
}

const EVENT_FIELDS = ['event_id', 'pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid'];

function presentEvent(members: ReadonlyMap<string, unknown>): string {
  return `{${EVENT_FIELDS.map((name) => `"${name}":${canonicalize(members.get(name))}`).join(',')}}`;
}
