// Sums over any stretch of time, right at every moment: from summed hours where those hold, else from the sessions
// themselves. Without the background pipeline everything is read from sessions, as a stream.
//
// An hour's row holds when every session that the agent started in it is settled, and the row counts exactly as many.
// Three reads in this order, each of which others may write between and during:
// 1. Which hours have sessions, and are all settled? A session that is written to later was settled, so the row holds it
//    as it was; a session that is settled later only has its hour read from sessions. A row that is written to while
//    step 1 reads may be met twice or not at all: then the numbers differ, and the hour is read from sessions.
// 2. The rows. A settled session is in its hour's row for good (aggregate-hour.ts says why), so a row read after step 1
//    holds each session as it was then, or as it became since. A missing row has no count, so that it never holds.
// 3. The sessions of all other hours, and of those that an edge cuts.
// So every session is counted once, as it was at some time between the beginning and the end of the reading; one that
// starts, ends or is imported meanwhile may be in or not.
import type { TimeRange } from '../sessions/session-sums.ts';
import type { SumSources } from './aggregate-hour.ts';
import { ceilHour, floorHour, HOUR_MS } from './hour-sum.ts';
import { type Sums, sumsOfSession } from './sums.ts';

/** At most so much time is read at once, which bounds memory. */
const SLAB_MS = 31 * 24 * HOUR_MS;

export type SumsQuery = Readonly<{
  /** Ascending and at least two: bucket `i` is `[edges[i], edges[i + 1])`. */
  edges: readonly Date[];
  agentId?: string | undefined;
  /** False where no percentiles are asked for: `durations` are then unspecified. */
  withDurations: boolean;
}>;

/** Sums of some of a bucket's sessions, all of one agent: those of a bucket and an agent add up. */
export type SumsPart = Readonly<{ bucket: number; agentId: string; sums: Sums }>;

/** The parts of all buckets, in no order; a bucket without sessions has none. */
export async function* readSums(
  sources: SumSources,
  accountId: string,
  query: SumsQuery,
): AsyncGenerator<SumsPart> {
  const edges = query.edges.map((edge) => edge.getTime());
  const end = edges.at(-1)!;
  let begin = edges[0]!;
  while (begin < end) {
    if (end - begin > SLAB_MS) {
      // Years without sessions are not read month by month.
      const rest = { since: new Date(begin), until: new Date(end) };
      const first = await sources.sessionSums.findFirstStart(accountId, rest, query.agentId);
      if (first === null) return;
      begin = Math.max(begin, floorHour(first.getTime()));
    }
    const slabEnd = Math.min(floorHour(begin) + SLAB_MS, end);
    yield* readSlab(sources, accountId, query, edges, [begin, slabEnd]);
    begin = slabEnd;
  }
}

async function* readSlab(
  { hours, sessionSums }: SumSources,
  accountId: string,
  { agentId, withDurations }: SumsQuery,
  edges: readonly number[],
  [begin, end]: readonly [number, number],
): AsyncGenerator<SumsPart> {
  const cut = findCutHours(edges, begin, end);
  const live = new Set(cut);
  const held = new Set<string>();
  const whole = { since: new Date(ceilHour(begin)), until: new Date(floorHour(end)) };
  const hourCount = (whole.until.getTime() - whole.since.getTime()) / HOUR_MS;
  if (hourCount > 0 && countWithin(cut, whole) < hourCount) {
    const settled = new Map<string, number>();
    for await (const found of sessionSums.listHours(accountId, whole, agentId)) {
      const at = found.hour.getTime();
      if (cut.has(at)) continue;
      if (found.settledCount < found.sessionCount) live.add(at);
      else settled.set(keyOf(found.agentId, at), found.sessionCount);
    }
    for await (const row of hours.list(accountId, { ...whole, agentId, withDurations })) {
      const at = row.hour.getTime();
      const key = keyOf(row.agentId, at);
      if (settled.get(key) === row.sums.sessionCount) {
        held.add(key);
        yield { bucket: findBucket(edges, at), agentId: row.agentId, sums: row.sums };
      } else if (row.sums.sessionCount > 0) live.add(at);
    }
    for (const key of settled.keys()) if (!held.has(key)) live.add(hourOf(key));
  }

  const ranges = toRanges(live, begin, end);
  if (ranges.length === 0) return;
  for await (const session of sessionSums.readEnded(accountId, ranges, agentId)) {
    const at = session.startedAt.getTime();
    // Another agent's hour may be why this one is read.
    if (held.has(keyOf(session.agentId, floorHour(at)))) continue;
    yield { bucket: findBucket(edges, at), agentId: session.agentId, sums: sumsOfSession(session) };
  }
}

/** The hours that are only in part within the slab, or in several buckets. */
function findCutHours(edges: readonly number[], begin: number, end: number): Set<number> {
  const cut = new Set<number>();
  for (const edge of [begin, end, ...edges])
    if (edge >= begin && edge <= end && edge !== floorHour(edge)) cut.add(floorHour(edge));
  return cut;
}

function countWithin(hours: ReadonlySet<number>, { since, until }: TimeRange): number {
  let count = 0;
  for (const hour of hours) if (hour >= since.getTime() && hour < until.getTime()) count += 1;
  return count;
}

/** The hours as ranges within `[begin, end)`, those that follow each other as one. */
function toRanges(hours: ReadonlySet<number>, begin: number, end: number): TimeRange[] {
  const ranges: { since: Date; until: Date }[] = [];
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const until = new Date(Math.min(hour + HOUR_MS, end));
    const last = ranges.at(-1);
    if (last?.until.getTime() === hour) last.until = until;
    else ranges.push({ since: new Date(Math.max(hour, begin)), until });
  }
  return ranges;
}

/** The bucket that a time within the edges lies in. */
function findBucket(edges: readonly number[], at: number): number {
  let [low, high] = [0, edges.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
}

function keyOf(agentId: string, hour: number): string {
  return `${hour} ${agentId}`;
}

function hourOf(key: string): number {
  return Number.parseInt(key, 10);
}
