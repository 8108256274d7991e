// Counts redactions in every hour or day of a window.
import { readSums, type SumsPart } from '../../../shared/aggregates/read-sums.ts';
import { addPairs, sortByName } from '../../../shared/audit/count-pairs.ts';
import type { CountPair } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { cutWindow } from '../../../shared/time/local-buckets.ts';
import { DEFAULT_SINCE, resolveSince } from '../../../shared/time/time-window.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { RedactionCount } from './present.ts';
import type { RedactionStatsQuery } from './schema.ts';

const MAX_BUCKETS = 10_000;

/** Stops with the signal's reason when it aborts. Throws `validation_failed` for a window that cannot be cut. */
export async function countRedactions(
  deps: Pick<ApiDeps, 'hours' | 'sessionSums'>,
  accountId: string,
  query: RedactionStatsQuery,
  now: Date,
  signal: AbortSignal,
): Promise<RedactionCount[]> {
  const edges = resolveEdges(query, now);
  const { agent_id: agentId, group_by: group } = query;
  const counts = new Map<number, Map<string, number>>();
  for await (const part of readSums(deps, accountId, { edges, agentId, withDurations: false })) {
    signal.throwIfAborted();
    const bucket = counts.get(part.bucket) ?? new Map<string, number>();
    counts.set(part.bucket, bucket);
    addPairs(bucket, splitPart(part, group));
  }
  return edges.slice(0, -1).flatMap((start, i) => {
    const end = edges[i + 1]!;
    const pairs = sortByName(counts.get(i) ?? new Map());
    if (pairs.length === 0) return [{ start, end, key: null, count: 0 }];
    return pairs.map(([key, count]) => ({ start, end, key: group ? key : null, count }));
  });
}

function splitPart(
  { agentId, sums }: SumsPart,
  group: RedactionStatsQuery['group_by'],
): readonly CountPair[] {
  if (group === 'kind') return sums.redactionsByKind;
  if (group === 'pass') return sums.redactionsByPass;
  return [[group === 'agent' ? agentId : '', sums.redactionCount]];
}

function resolveEdges(query: RedactionStatsQuery, now: Date): Date[] {
  const since = resolveSince(query.since ?? DEFAULT_SINCE, now);
  const until = query.until ?? now;
  if (since >= until) throw badWindow('since must be before until: give an earlier since, or a later until.');
  const edges = cutWindow({ since, until }, query.bucket, query.tz, MAX_BUCKETS);
  if (edges) return edges;
  const remedy = query.bucket === 'hour' ? 'take bucket=day, or a shorter window' : 'take a shorter window';
  throw badWindow(`The window has more than ${MAX_BUCKETS} buckets: ${remedy}.`);
}

function badWindow(message: string): AppError {
  return new AppError('validation_failed', message, { param: 'since' });
}
