// The threads of piscina. Its failures become errors of ours here and nowhere else.
import { Piscina } from 'piscina';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import { StoreFailure } from '../../shared/mongo/store-failure.ts';
import type { StopFlag } from './stop-flag.ts';
import type { Outcome, TaskInput, TaskMap, TaskName, TaskResult, ThreadStart } from './task-map.ts';

/** What ends a task before its time. */
export type TaskEnds = Readonly<{ stop: StopFlag; hang: AbortSignal }>;

export type Threads<Tasks extends TaskMap> = Readonly<{
  /**
   * Runs a task on a free thread; callers run no more tasks at once than there are threads. `stop` ends the task, which has
   * to be set at last; `hang` ends the thread.
   */
  run<Name extends TaskName<Tasks>>(
    name: Name,
    input: TaskInput<Tasks, Name>,
    ends: TaskEnds,
  ): Promise<TaskResult<Tasks, Name>>;
  close(): Promise<void>;
}>;

// Segments that were read stay in memory until the young generation is collected. V8's default size delays that so much
// that a long log takes half as much memory again as a short one. At a smaller size, segments in use are promoted.
const YOUNG_GENERATION_MB = 8;

const ENTRY = new URL('./thread.ts', import.meta.url).href;

/** Starts `count` threads, each with the tasks of `start`. `isLazy` starts each when a task finds no other free. */
export function startThreads<Tasks extends TaskMap>(
  count: number,
  start: ThreadStart,
  { isLazy = false } = {},
): Threads<Tasks> {
  const pool = new Piscina({
    filename: ENTRY,
    name: 'runThreadTask',
    workerData: start,
    minThreads: isLazy ? 0 : count,
    maxThreads: count,
    // By default piscina ends a thread above the minimum as soon as it is idle.
    idleTimeout: Number.POSITIVE_INFINITY,
    // By default piscina blocks a thread between tasks, and with it the thread's database connection.
    atomics: 'disabled',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  // A late failure on an idle thread ends the process unless it is listened for. Piscina replaces the thread.
  pool.on('error', () => {});
  return {
    async run(name, input, { stop, hang }) {
      let outcome: Outcome;
      try {
        outcome = await pool.run({ name, input, stop }, { signal: hang });
      } catch (error) {
        throw reportFailure('renderer', 'A report thread broke off. Try again.', error);
      }
      if (outcome.status === 'store_failed') throw new StoreFailure(outcome.code);
      return outcome.result as TaskResult<Tasks, typeof name>;
    },
    close: () => pool.destroy(),
  };
}
