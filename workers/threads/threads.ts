// The threads: piscina, with its failures translated in this one place.
import { Piscina } from 'piscina';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Outcome, TaskInput, TaskMap, TaskName, TaskResult, ThreadStart } from './task-map.ts';

export type Threads<Tasks extends TaskMap> = Readonly<{
  /** Runs a task on a free thread: callers keep count of those. `hang` ends the thread. */
  run<Name extends TaskName<Tasks>>(
    name: Name,
    input: TaskInput<Tasks, Name>,
    hang: AbortSignal,
  ): Promise<TaskResult<Tasks, Name>>;
  close(): Promise<void>;
}>;

// What a walk has read stays in memory until the young generation is collected. With V8's default that is so late that
// a long log takes half as much again as a short one; smaller than this, what is read outlives its collection.
const YOUNG_GENERATION_MB = 8;

const ENTRY = new URL('./thread.ts', import.meta.url).href;

/** Starts `count` threads, each with the tasks of `start`. */
export function startThreads<Tasks extends TaskMap>(count: number, start: ThreadStart): Threads<Tasks> {
  const pool = new Piscina({
    filename: ENTRY,
    name: 'runThreadTask',
    workerData: start,
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
      let outcome: Outcome;
      try {
        outcome = await pool.run({ name, input }, { signal: hang });
      } catch (error) {
        throw new AppError('report_generation_failed', 'A report thread broke off', { cause: error });
      }
      if (outcome.status === 'store_down') {
        throw new AppError('unavailable', 'The database does not answer. Try again shortly.');
      }
      return outcome.result as TaskResult<Tasks, typeof name>;
    },
    close: () => pool.destroy(),
  };
}
