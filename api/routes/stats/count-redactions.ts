// Counts redactions in every hour or day of a window.
import { readSums, type SumsPart } from '../../../shared/aggregates/read-sums.ts';
import { addPairs, sortByName } from '../../../shared/audit/count-pairs.ts';
import type { CountPair } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { cutWindowInTurns } from '../../../shared/time/local-buckets.ts';
import { DEFAULT_SINCE, resolveSince } from '../../../shared/time/time-window.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { RedactionCount } from './present.ts';
import type { RedactionStatsQuery } from './schema.ts';

const MAX_BUCKETS = 10_000;

/** What happened in sessions that started in one bucket of time and have ended. */
export type BucketCount = Readonly<{
  start: Date;
  end: Date;
  sessionCount: number;
  /** Redactions by what the query groups by, sorted by name; the name is empty where it groups by nothing. */
  redactions: readonly CountPair[];
}>;

type Asked = Readonly<{ now: Date; signal: AbortSignal }>;

/** Rows of `countBuckets`: one for each name in a bucket, and one for a bucket without redactions. */
export async function countRedactions(
  deps: Pick<ApiDeps, 'hours' | 'sessionSums'>,
  accountId: string,
  query: RedactionStatsQuery,
  asked: Asked,
): Promise<RedactionCount[]> {
  const isSplit = query.group_by !== undefined;
  const buckets = await countBuckets(deps, accountId, query, asked);
  return buckets.flatMap(({ start, end, redactions }): RedactionCount[] => {
    if (redactions.length === 0) return [{ start, end, key: null, count: 0 }];
    return redactions.map(([key, count]) => ({ start, end, key: isSplit ? key : null, count }));
  });
}

/**
 * Every bucket of the window up to `now`, in one reading. Stops with the signal's reason when it aborts. Throws
 * `validation_failed` for a window that cannot be cut.
 */
export async function countBuckets(
  deps: Pick<ApiDeps, 'hours' | 'sessionSums'>,
  accountId: string,
  query: RedactionStatsQuery,
  { now, signal }: Asked,
): Promise<BucketCount[]> {
  const edges = await resolveEdges(query, now);
  const { agent_id: agentId, group_by: group } = query;
  const buckets = edges.slice(0, -1).map((start, i) => ({
    start,
    end: edges[i + 1]!,
    sessionCount: 0,
    counts: new Map<string, number>(),
  }));
  for await (const part of readSums(deps, accountId, { edges, agentId, withDurations: false })) {
    signal.throwIfAborted();
    const bucket = buckets[part.bucket]!;
    bucket.sessionCount += part.sums.sessionCount;
    addPairs(bucket.counts, splitPart(part, group));
  }
  return buckets.map(({ counts, ...bucket }) => ({ ...bucket, redactions: sortByName(counts) }));
}

function splitPart(
  { agentId, sums }: SumsPart,
  group: RedactionStatsQuery['group_by'],
): readonly CountPair[] {
  if (group === 'kind') return sums.redactionsByKind;
  if (group === 'pass') return sums.redactionsByPass;
  return [[group === 'agent' ? agentId : '', sums.redactionCount]];
}

async function resolveEdges(query: RedactionStatsQuery, now: Date): Promise<Date[]> {
  const since = resolveSince(query.since ?? DEFAULT_SINCE, now);
  const until = query.until ?? now;
  if (since >= until) throw badWindow('since must be before until: give an earlier since, or a later until.');
  const edges = await cutWindowInTurns({ since, until }, query.bucket, query.tz, MAX_BUCKETS);
  if (edges) return edges;
  const remedy = query.bucket === 'hour' ? 'take bucket=day, or a shorter window' : 'take a shorter window';
  throw badWindow(`The window has more than ${MAX_BUCKETS} buckets: ${remedy}.`);
}

function badWindow(message: string): AppError {
  return new AppError('validation_failed', message, { param: 'since' });
}
