// Sums over any range of time, correct at every moment: from an hour's row where it is current, otherwise from the
// sessions. Without the background pipeline no row is current, and all sessions are read, as a stream.
//
// An hour's row is current when all sessions that the agent started in the hour are settled, and the row counts as many
// sessions. There are three reads, in this order. Other processes may write between and during them.
// 1. The hours that have sessions, and whether all of them are settled. A session that changes after this read was
//    settled at the time, so the row has it as it was. The hour of a session that is settled after this read is read
//    from sessions. A session that is written during this read may be returned twice or not at all: then the numbers
//    differ, and the hour is read from sessions.
// 2. The rows. A settled session stays in its hour's row (`workers/jobs/aggregate-hour.ts` says why), so a row that is
//    read after step 1 has each session as it was then, or as it became since. A missing row is never current.
// 3. The sessions of all other hours, and of the hours that an edge cuts.
// Every session is therefore counted once, as it was at some moment of the reading. A session that starts, ends or is
// imported during the reading may be counted or not.
import type { SessionSumRepository, TimeRange } from '../sessions/session-sums.ts';
import { HOUR_MS } from '../time/durations.ts';
import type { HourRepository } from './hour-repository.ts';
import { ceilHour, floorHour } from './hour-sum.ts';
import { type Sums, sumsOfSession } from './sums.ts';

/** The repositories that sums are read from. */
export type SumSources = Readonly<{ hours: HourRepository; sessionSums: SessionSumRepository }>;

/** The longest range that is read at once, in milliseconds. It bounds memory. */
const SLAB_MS = 31 * 24 * HOUR_MS;

/** The sums to read: of one agent or of all, in buckets of time. */
export type SumsQuery = Readonly<{
  /** Ascending and at least two: bucket `i` is `[edges[i], edges[i + 1])`. */
  edges: readonly Date[];
  agentId?: string | undefined;
  /** False where no percentiles are needed; `durations` are then unspecified. */
  withDurations: boolean;
}>;

/** Sums of some sessions of one bucket and one agent. All parts of a bucket and an agent add up to their sums. */
export type SumsPart = Readonly<{ bucket: number; agentId: string; sums: Sums }>;

/**
 * The parts of all buckets, in no order. A bucket without sessions has no part. Rejects with the driver's error when
 * the database is away.
 */
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
      // Skips to the first session: years without sessions are not read month by month.
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
    // The range may be read for another agent, while this agent's row is current.
    if (held.has(keyOf(session.agentId, floorHour(at)))) continue;
    yield { bucket: findBucket(edges, at), agentId: session.agentId, sums: sumsOfSession(session) };
  }
}

/** The hours that lie only partly within `[begin, end)`, or in several buckets. */
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

/** The hours as ranges within `[begin, end)`. Consecutive hours make one range. */
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
