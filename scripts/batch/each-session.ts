// Visits many sessions page by page in the order of their ids, several at once.

import type { LogRef } from '../../shared/audit/log-record.ts';
import { runInLanes } from './run-in-lanes.ts';

export type Visits = Readonly<{
  /** The next page: the sessions after an id. Empty at the end. */
  list(afterId: string | null, limit: number): Promise<readonly LogRef[]>;
  /** Sessions visited at once. */
  lanes: number;
  afterId?: string | null;
  signal?: AbortSignal;
  visit(session: LogRef): Promise<void>;
  /** Called after every session up to this id was visited. */
  onPage?(lastId: string): Promise<void>;
}>;

const PAGE = 500;

/** Resolves to whether all were visited: false once the signal aborts. Visits that have begun are always finished. */
export async function eachSession(visits: Visits): Promise<boolean> {
  const { list, lanes, signal, visit, onPage } = visits;
  for (let afterId = visits.afterId ?? null; ; ) {
    if (signal?.aborted) return false;
    const page = await list(afterId, PAGE);
    const lastId = page.at(-1)?.sessionId;
    if (lastId === undefined) return true;
    await runInLanes(page, { lanes, signal }, visit);
    if (signal?.aborted) return false;
    await onPage?.(lastId);
    afterId = lastId;
  }
}
