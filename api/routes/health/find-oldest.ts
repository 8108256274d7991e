// What has waited longest for the pipeline, by MongoDB alone: whoever writes to Redis cannot hide it.
import type { ApiDeps } from '../../http/context.ts';
import { orFoundLast } from './found-last.ts';

/** Since when each waits; null where none does. */
export type Oldest = Readonly<{ change: Date | null; entry: Date | null; report: Date | null }>;

export type OldestDeps = Pick<ApiDeps, 'gauges' | 'oldestDue' | 'accountLog'>;

/** From what was found last where the database does not answer in time: a search over many changes takes its time. */
export function findOldest(deps: OldestDeps, deadlineMs: number): Promise<Oldest> {
  return orFoundLast(deps.gauges, () => look(deps), deadlineMs);
}

async function look({ gauges, oldestDue, accountLog }: OldestDeps): Promise<Oldest> {
  const [change, entry, report] = await Promise.all([
    gauges.findOldestChange(),
    // Without a signing key there is no account log.
    accountLog ? oldestDue.findEntry() : null,
    oldestDue.findReport(),
  ]);
  return { change, entry, report };
}
