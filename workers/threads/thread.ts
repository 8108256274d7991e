// The entry of a thread: makes the tasks once, then runs them by name. It knows none of them itself.
import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import { withMovedBytes } from './moved-bytes.ts';
import { type StopFlag, untilStopped } from './stop-flag.ts';
import type { Outcome, TaskMap, ThreadStart } from './task-map.ts';

yieldToOthers();

const { tasksUrl, data } = workerData as ThreadStart;
const { createTasks } = (await import(tasksUrl)) as { createTasks(data: unknown): TaskMap };
const tasks = createTasks(data);

type ThreadTask = Readonly<{ name: string; input: unknown; stop: StopFlag }>;

/** Called by piscina. */
export async function runThreadTask({ name, input, stop }: ThreadTask): Promise<Outcome> {
  const task = tasks[name];
  if (!task) throw new TypeError(`The threads have no task ${name}`);
  try {
    const result = await Promise.race([task(input), failWhenStopped(stop)]);
    return withMovedBytes({ status: 'done', result }, result);
  } catch (error) {
    const failure = asStoreFailure(error);
    if (failure) return { status: 'store_failed', code: failure.code };
    throw error;
  }
}

/** A task may wait for the database when it is stopped. It ends at its next look at the flag, and nobody sees how. */
async function failWhenStopped(stop: StopFlag): Promise<never> {
  await untilStopped(stop);
  throw new Error('The task was stopped');
}

/** Lowers the priority, which Linux keeps for each thread: a list must not wait behind a report. */
function yieldToOthers(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
