// What the pool relies on in piscina, pinned: however a task ends, its caller hears of it, and the threads go on.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Piscina } from 'piscina';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createStopFlag, setStop } from '../../../workers/threads/stop-flag.ts';
import { startThreads } from '../../../workers/threads/threads.ts';
import type { FailingTasks } from '../../support/failing-thread.ts';

const tasksUrl = new URL('../../support/failing-thread.ts', import.meta.url).href;
const start = { tasksUrl, data: null };
const threads = startThreads<FailingTasks>(1, start);
const piscina = new Piscina({
  filename: new URL('../../../workers/threads/thread.ts', import.meta.url).href,
  name: 'runThreadTask',
  workerData: start,
  minThreads: 1,
  maxThreads: 1,
  atomics: 'disabled',
});
piscina.on('error', () => {});

after(async () => {
  await threads.close();
  await piscina.destroy();
});

function run(what: string, hang = new AbortController().signal, stop = createStopFlag()): Promise<unknown> {
  return threads.run('fail', what, { stop, hang });
}

const isBroken = (error: unknown) => error instanceof AppError && error.code === 'report_generation_failed';

describe('threads', () => {
  for (const way of ['throw', 'exit', 'reject late', 'return what cannot be cloned']) {
    it(`threads that ${way} fail that one task, and continue`, async () => {
      const [failed, next] = await Promise.allSettled([run(way), run('next')]);
      assert.ok(failed.status === 'rejected' && isBroken(failed.reason));
      assert.deepEqual(next, { status: 'fulfilled', value: 'next' });
    });
  }

  for (const way of ['spin', 'hang']) {
    it(`threads that ${way} are ended by force, and replaced`, async () => {
      const hang = new AbortController();
      const failed = assert.rejects(run(way, hang.signal), isBroken);
      const next = run('next');
      setTimeout(() => hang.abort(), 50);
      await failed;
      assert.equal(await next, 'next');
    });
  }

  it('threads do not wait for a stopped task that waits', async () => {
    const stop = createStopFlag();
    const failed = assert.rejects(run('hang', undefined, stop), isBroken);
    const next = run('next');
    setTimeout(() => setStop(stop), 50);
    await failed;
    assert.equal(await next, 'next');
  });

  it('threads do not begin to wait for a task that was stopped before', async () => {
    const stop = createStopFlag();
    setStop(stop);
    await assert.rejects(run('hang', undefined, stop), isBroken);
  });

  it('threads say unavailable when the database is away', async () => {
    await assert.rejects(run('store down'), { name: 'AppError', code: 'unavailable' });
  });
});

describe('piscina', () => {
  const task = (input: string, signal = new AbortController().signal) =>
    piscina.run({ name: 'fail', input, stop: createStopFlag() }, { signal });

  it('piscina keeps the message of a thrown error, and neither its class nor its code', async () => {
    await assert.rejects(task('throw'), (error) => {
      assert.ok(error instanceof Error);
      assert.deepEqual(
        [error.message, error.constructor, 'code' in error],
        ['thrown in a thread', Error, false],
      );
      return true;
    });
  });

  it('piscina says how a thread ended', async () => {
    await assert.rejects(task('exit'), { message: 'worker exited with code: 3' });
  });

  it('piscina rejects an aborted task, running or waiting, with an AbortError that holds the reason', async () => {
    const reason = new Error('enough');
    for (const ahead of [0, 1]) {
      const controller = new AbortController();
      const blocking = Array.from({ length: ahead }, () => {
        const block = new AbortController();
        const blocked = task('hang', block.signal).catch(() => {});
        return { block, blocked };
      });
      const aborted = assert.rejects(task('hang', controller.signal), {
        name: 'AbortError',
        message: 'The task has been aborted',
        cause: reason,
      });
      controller.abort(reason);
      await aborted;
      for (const { block, blocked } of blocking) {
        block.abort();
        await blocked;
      }
    }
  });
});
