// The threads themselves: piscina, with its failures translated in this one place.
import { Piscina } from 'piscina';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Outcome, ThreadData } from '../reports/tasks.ts';
import type { ThreadCall, ThreadTasks } from '../reports/thread.ts';

export type TaskName = keyof ThreadTasks;
export type TaskInput<N extends TaskName> = Parameters<ThreadTasks[N]>[0];
export type TaskResult<N extends TaskName> =
  Awaited<ReturnType<ThreadTasks[N]>> extends Outcome<infer T> ? T : never;

export type Threads = Readonly<{
  /** Runs a task on a free thread: callers keep count of those. `hang` ends the thread. */
  run<N extends TaskName>(name: N, input: TaskInput<N>, hang: AbortSignal): Promise<TaskResult<N>>;
  close(): Promise<void>;
}>;

// What a walk has read stays in memory until the young generation is collected. With V8's default that is so late that
// a long log takes half as much again as a short one; smaller than this, what is read outlives its collection.
const YOUNG_GENERATION_MB = 8;

const ENTRY = new URL('../reports/thread.ts', import.meta.url).href;

/** `entry`: file URL of what the threads run. */
export function startThreads(count: number, data: ThreadData, entry = ENTRY): Threads {
  const pool = new Piscina({
    filename: entry,
    name: 'runThreadTask',
    workerData: data,
    minThreads: count,
    maxThreads: count,
    // With piscina's default a thread stands still between tasks, and its connection with it.
    atomics: 'disabled',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  // Without a listener a late failure on an idle thread would end the process; the thread is replaced.
  pool.on('error', () => {});
  return {
    async run(name, input, hang) {
      const call = { name, input } as ThreadCall;
      let outcome: Outcome<unknown>;
      try {
        outcome = await pool.run(call, { signal: hang });
      } catch (error) {
        throw new AppError('report_generation_failed', 'A report thread broke off', { cause: error });
      }
      if (outcome.status === 'store_down') {
        throw new AppError('unavailable', 'The database does not answer. Try again shortly.');
      }
      return outcome.result as TaskResult<typeof name>;
    },
    close: () => pool.destroy(),
  };
}
