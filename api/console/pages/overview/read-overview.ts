// Everything that the overview shows, read at once. Its numbers come from the functions that answer the API.
import { unlessAborted } from '../../../../shared/process/unless-aborted.ts';
import type { FoundLogs, FoundSession } from '../../../../shared/sessions/account-findings.ts';
import type { NeededKey } from '../../../../shared/sessions/key-needs.ts';
import type { LogFinding } from '../../../../shared/sessions/log-marks.ts';
import type { TimeRange } from '../../../../shared/sessions/session-sums.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { listSessionPage } from '../../../http/session-list.ts';
import { sessionsPageQuery } from '../../../http/session-list-query.ts';
import { resolveState } from '../../../http/session-list-state.ts';
import type { SessionsResponse } from '../../../http/session-summary.ts';
import { type BucketCount, countBuckets } from '../../../routes/stats/count-redactions.ts';
import { bucketQuery, type Window } from '../../page/window.ts';
import { type LogView, readLog } from '../evidence/read-log.ts';
import { type PipelineState, readPipeline } from './read-pipeline.ts';

export type OverviewDeps = Pick<
  ApiDeps,
  | 'accountLog'
  | 'agents'
  | 'cursors'
  | 'findings'
  | 'hasAuditKeys'
  | 'hours'
  | 'keyNeeds'
  | 'metrics'
  | 'pipeline'
  | 'sessions'
  | 'sessionSums'
  | 'witnesses'
>;

export type Overview = Readonly<{
  buckets: readonly BucketCount[];
  newest: SessionsResponse['data'];
  found: Readonly<Record<LogFinding, FoundLogs>>;
  /** Some of these logs, the newest. */
  named: Readonly<Record<LogFinding, readonly FoundSession[]>>;
  pipeline: PipelineState;
  /** Audit keys that the account's logs need; null where that could not be told in time. */
  neededKeys: readonly NeededKey[] | null;
  hasAuditKeys: boolean;
  /** The account log; null where this deployment signs none, or the reader may not see it. */
  accountLog: LogView | null;
}>;

export type OverviewQuery = Readonly<{
  window: Window;
  timeZone: string;
  now: Date;
  signal: AbortSignal;
  /** Whether the reader may see the account log. */
  maySeeLog: boolean;
}>;

const NEWEST = 10;
/** Logs of each finding that are named one by one. */
const NAMED = 5;
const NONE = { failed: [], unverifiable: [], unsealed: [] };
/** Counting the keys of very many sessions may take long, and goes on for the next page. */
const KEYS_DEADLINE_MS = 500;

export async function readOverview(
  deps: OverviewDeps,
  accountId: string,
  { window, timeZone, now, signal, maySeeLog }: OverviewQuery,
): Promise<Overview> {
  const list = sessionsPageQuery.parse({ since: window, limit: String(NEWEST) });
  const state = resolveState(deps, list, { account: accountId, list: 'sessions' }, now);
  const range = { since: new Date(state.since), until: new Date(state.until) };
  const [buckets, newest, [found, named], pipeline, neededKeys, accountLog] = await Promise.all([
    countBuckets(deps, accountId, bucketQuery(window, timeZone), { now, signal }),
    listSessionPage(deps, state, list.limit),
    readFindings(deps, accountId, range),
    readPipeline(deps, accountId, now),
    unlessAborted(AbortSignal.timeout(KEYS_DEADLINE_MS), deps.keyNeeds.findOf(accountId)).catch(() => null),
    maySeeLog ? readLog(deps, accountId) : null,
  ]);
  const { hasAuditKeys } = deps;
  return { buckets, newest: newest.data, found, named, pipeline, neededKeys, hasAuditKeys, accountLog };
}

async function readFindings({ findings }: Pick<ApiDeps, 'findings'>, accountId: string, range: TimeRange) {
  const found = await findings.count(accountId, range);
  // Of most accounts nothing is found, and then no session is looked for.
  const isWell = Object.values(found).every(({ count }) => count === 0);
  const named = isWell ? NONE : await findings.list(accountId, NAMED);
  return [found, named] as const;
}
