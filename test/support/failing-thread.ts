// Tasks that fail in every way a thread can.
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoNetworkError } from 'mongodb';

class ThreadFailure extends Error {
  readonly code = 'thread_failure';
}

export type FailingTasks = ReturnType<typeof createTasks>;

export function createTasks() {
  return {
    async fail(way: string): Promise<unknown> {
      switch (way) {
        case 'throw':
          throw new ThreadFailure('thrown in a thread');
        case 'exit':
          return process.exit(3);
        case 'reject late':
          void Promise.reject(new Error('nobody waits for this'));
          return sleep(10_000);
        case 'return what cannot be cloned':
          return () => 1;
        case 'spin':
          for (;;) Math.random();
        case 'hang':
          return sleep(60_000);
        case 'store down':
          throw new MongoNetworkError('the connection is gone');
        default:
          return way;
      }
    },
  };
}
