// The entry of a thread: makes the tasks once, then runs them by name. It knows none of them itself.
import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import type { Outcome, TaskMap, ThreadStart } from './task-map.ts';

yieldToOthers();

const { tasksUrl, data } = workerData as ThreadStart;
const { createTasks } = (await import(tasksUrl)) as { createTasks(data: unknown): TaskMap };
const tasks = createTasks(data);

/** Called by piscina. */
export async function runThreadTask({ name, input }: { name: string; input: unknown }): Promise<Outcome> {
  const task = tasks[name];
  if (!task) throw new TypeError(`The threads have no task ${name}`);
  try {
    return { status: 'done', result: await task(input) };
  } catch (error) {
    const failure = asStoreFailure(error);
    if (failure) return { status: 'store_failed', code: failure.code };
    throw error;
  }
}

/** Lowers the priority, which Linux keeps for each thread: a list must not wait behind a report. */
function yieldToOthers(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
