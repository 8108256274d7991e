// How far the background pipeline has followed one account's sessions. /health tells of all accounts at once, and its
// numbers are no tenant's business.
import type { ApiDeps } from '../../../http/context.ts';
import { LONGEST_LAG_MS, listIdle, listPaused } from '../../../routes/health/judge-pipeline.ts';

export type PipelineState = Readonly<{
  /**
   * `off`: none is configured. `away`: its Redis does not answer. `idle`: no worker is connected. `paused`: a queue is.
   * `behind`: a change of the account waits for longer than it should. `ok` otherwise.
   */
  state: 'off' | 'away' | 'idle' | 'paused' | 'behind' | 'ok';
  /** The age of the account's change that has waited longest; 0 when none waits. */
  lagMs: number;
}>;

/** A page waits no longer for a Redis that hangs. */
const DEADLINE_MS = 500;

export async function readPipeline(
  { pipeline, findings }: Pick<ApiDeps, 'pipeline' | 'findings'>,
  accountId: string,
  now: Date,
): Promise<PipelineState> {
  // Without a pipeline every change waits, for ever.
  if (pipeline === null) return { state: 'off', lagMs: 0 };
  const { queues } = pipeline;
  const [oldest, stopped] = await Promise.all([
    findings.findOldestChange(accountId),
    pipeline.within(DEADLINE_MS, () => Promise.all([listIdle(queues), listPaused(queues)])).catch(() => null),
  ]);
  // Another machine's clock may be ahead.
  const lagMs = oldest === null ? 0 : Math.max(0, now.getTime() - oldest.getTime());
  if (stopped === null) return { state: 'away', lagMs };
  const [idle, paused] = stopped;
  if (idle.length > 0) return { state: 'idle', lagMs };
  if (paused.length > 0) return { state: 'paused', lagMs };
  return { state: lagMs > LONGEST_LAG_MS ? 'behind' : 'ok', lagMs };
}
