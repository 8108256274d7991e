// What has waited longest for the pipeline, by MongoDB alone: whoever writes to Redis cannot hide it.
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import type { ApiDeps } from '../../http/context.ts';

/** Since when each waits; null where none does. */
export type Oldest = Readonly<{ change: Date | null; entry: Date | null; report: Date | null }>;

export type OldestDeps = Pick<ApiDeps, 'gauges' | 'oldestDue' | 'accountLog'>;

/** For so long what was found last counts while a database that answers takes its time over many changes. */
const REMEMBERED_MS = 30_000;

const foundLast = new WeakMap<ApiDeps['gauges'], Readonly<{ oldest: Oldest; atMs: number }>>();

/** From what was found last where the database does not answer in time. A search that takes longer goes on. */
export async function findOldest(deps: OldestDeps, deadlineMs: number): Promise<Oldest> {
  const key = deps.gauges;
  const search = look(deps).then((oldest) => {
    foundLast.set(key, { oldest, atMs: performance.now() });
    return oldest;
  });
  const inTime = AbortSignal.timeout(deadlineMs);
  try {
    return await unlessAborted(inTime, search);
  } catch (error) {
    const last = foundLast.get(key);
    if (!inTime.aborted || !last || performance.now() - last.atMs > REMEMBERED_MS) throw error;
    return last.oldest;
  }
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
