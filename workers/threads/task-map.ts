// The threads run a map of named tasks, made once in each thread. Input and result are plain data. An expected failure
// is a tagged result, since an error loses its class and code between threads.

import type { StoreFailureCode } from '../../shared/mongo/store-failure.ts';

// biome-ignore lint/suspicious/noExplicitAny: a task's input may be of any type; callers are checked by TaskInput
export type TaskMap = Readonly<Record<string, (input: any) => Promise<unknown>>>;

export type TaskName<Tasks extends TaskMap> = keyof Tasks & string;
export type TaskInput<Tasks extends TaskMap, Name extends TaskName<Tasks>> = Parameters<Tasks[Name]>[0];
export type TaskResult<Tasks extends TaskMap, Name extends TaskName<Tasks>> = Awaited<
  ReturnType<Tasks[Name]>
>;

/** What a thread is started with. */
export type ThreadStart = Readonly<{
  /** File URL of a module that exports `createTasks(data): TaskMap`. */
  tasksUrl: string;
  /** Given to `createTasks`, once in each thread. */
  data: unknown;
}>;

/** What a thread sends back: a result, or how the database failed it. */
export type Outcome =
  | Readonly<{ status: 'done'; result: unknown }>
  | Readonly<{ status: 'store_failed'; code: StoreFailureCode }>;
