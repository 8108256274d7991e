// A thread entry that fails in every way a thread can; see `workers/reports/threads.ts` for what runs it.
import { setTimeout as sleep } from 'node:timers/promises';

class ThreadFailure extends Error {
  readonly code = 'thread_failure';
}

export async function runThreadTask({ input }: { input: string }): Promise<unknown> {
  switch (input) {
    case 'throw':
      throw new ThreadFailure('thrown in a thread');
    case 'exit':
      return process.exit(3);
    case 'reject late':
      void Promise.reject(new Error('nobody waits for this'));
      return sleep(10_000);
    case 'return what cannot be cloned':
      return { status: 'done', result: () => 1 };
    case 'spin':
      for (;;) Math.random();
    case 'hang':
      return sleep(60_000);
    case 'store down':
      return { status: 'store_down' };
    default:
      return { status: 'done', result: input };
  }
}
