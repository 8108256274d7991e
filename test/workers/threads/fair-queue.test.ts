import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '../../../shared/errors/app-error.ts';
import { FairQueue, type Ticket } from '../../../workers/threads/fair-queue.ts';

/** Tasks that run until they are told to end, and the order they began in. */
function createTasks() {
  const begun: string[] = [];
  const running: (() => void)[] = [];
  const run = (ticket: Ticket, name: string) =>
    ticket.run(() => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      running.push(resolve);
      return promise;
    });
  async function endOne(): Promise<void> {
    running.shift()?.();
    await turn();
  }
  return { begun, run, endOne };
}

const isOverloaded = (error: unknown) =>
  error instanceof AppError && error.code === 'overloaded' && (error.retryAfterS ?? 0) > 0;

describe('FairQueue', () => {
  it('runs as many tasks at once as there are lanes', async () => {
    const queue = new FairQueue(2, 8);
    const { begun, run, endOne } = createTasks();
    const ticket = queue.enter('a');
    const all = Promise.all(['1', '2', '3', '4'].map((name) => run(ticket, name)));
    assert.deepEqual([begun, queue.running], [['1', '2'], 2]);
    for (let i = 0; i < 4; i += 1) await endOne();
    await all;
    assert.deepEqual([begun, queue.running], [['1', '2', '3', '4'], 0]);
  });

  it('serves a small caller behind ten large ones after at most one task a lane', async () => {
    const queue = new FairQueue(2, 64);
    const { begun, run, endOne } = createTasks();
    for (let i = 0; i < 10; i += 1) {
      const large = queue.enter(`large ${i}`);
      for (let task = 0; task < 20; task += 1) run(large, `large ${i}`);
    }
    for (let i = 0; i < 7; i += 1) await endOne();
    const before = begun.length;
    const small = run(queue.enter('small'), 'small');
    await endOne();
    assert.equal(begun[before], 'small');
    await endOne();
    await endOne();
    await small;
  });

  it('takes turns between those it serves', async () => {
    const queue = new FairQueue(1, 8);
    const { begun, run, endOne } = createTasks();
    for (const name of ['a', 'b', 'c']) {
      const ticket = queue.enter(name);
      for (let task = 0; task < 3; task += 1) run(ticket, name);
    }
    for (let i = 0; i < 9; i += 1) await endOne();
    assert.deepEqual(begun, ['a', 'c', 'b', 'a', 'c', 'b', 'a', 'c', 'b']);
  });

  it('serves owed work after the callers that wait, so that endless pages starve no report', async () => {
    const queue = new FairQueue(1, 8);
    const { begun, run, endOne } = createTasks();
    run(queue.admit('page'), 'page 0');
    run(queue.enter('report'), 'report');
    for (let i = 1; i < 4; i += 1) {
      run(queue.admit('page'), `page ${i}`);
      await endOne();
    }
    assert.deepEqual(begun, ['page 0', 'report', 'page 1', 'page 2']);
  });

  it('refuses callers at once when it is full, and admits them again afterwards', () => {
    const queue = new FairQueue(1, 4);
    const tickets = ['a', 'a', 'b', 'b'].map((account) => queue.enter(account));
    for (const account of ['a', 'b']) assert.throws(() => queue.enter(account), isOverloaded);
    tickets[0]?.leave();
    assert.equal(queue.tickets, 3);
    queue.enter('a');
    assert.throws(() => queue.enter('a'), isOverloaded);
  });

  it('has a place for an account that holds none, also where two others fill it', () => {
    const queue = new FairQueue(1, 4);
    for (const account of ['a', 'a', 'b', 'b']) queue.enter(account);
    const thirds = ['c', 'd'].map((account) => queue.enter(account));
    for (const account of ['a', 'b', 'c', 'd']) assert.throws(() => queue.enter(account), isOverloaded);
    assert.equal(queue.tickets, 6);
    thirds[0]?.leave();
    assert.throws(() => queue.enter('d'), isOverloaded);
    queue.enter('c');
  });

  it('gives accounts turns, however many callers one has', async () => {
    const queue = new FairQueue(1, 64);
    const { begun, run, endOne } = createTasks();
    const add = (account: string, name: string) => {
      const ticket = queue.enter(account);
      for (let task = 0; task < 3; task += 1) run(ticket, name);
    };
    for (const name of ['a1', 'a2', 'a3', 'a4']) add('a', name);
    add('b', 'b');
    for (let i = 0; i < 7; i += 1) await endOne();
    assert.deepEqual(begun, ['a1', 'b', 'a4', 'b', 'a3', 'b', 'a2', 'a1']);
  });

  it('gives one account at most half of its places', () => {
    const queue = new FairQueue(1, 5);
    const tickets = [queue.enter('a'), queue.enter('a')];
    assert.throws(() => queue.enter('a'), isOverloaded);
    queue.enter('b');
    tickets[0]?.leave();
    queue.enter('a');
    assert.throws(() => queue.enter('a'), isOverloaded);
    assert.doesNotThrow(() => new FairQueue(1, 1).enter('a'));
  });

  it('gives a place back once, however often it is left', () => {
    const queue = new FairQueue(1, 4);
    const [first] = [queue.enter('a'), queue.enter('a')];
    first?.leave();
    first?.leave();
    queue.enter('a');
    assert.throws(() => queue.enter('a'), isOverloaded);
    assert.equal(queue.tickets, 2);
  });

  it('drops the waiting tasks of a caller that leaves, and lets the running one end', async () => {
    const queue = new FairQueue(1, 4);
    const { begun, run, endOne } = createTasks();
    const ticket = queue.enter('a');
    const running = run(ticket, 'running');
    const dropped = run(ticket, 'dropped');
    const reason = new Error('gone');
    ticket.leave(reason);
    await assert.rejects(dropped, reason);
    await assert.rejects(run(ticket, 'late'), reason);
    const next = run(queue.enter('b'), 'next');
    assert.deepEqual(begun, ['running']);
    await endOne();
    await running;
    await endOne();
    await next;
    assert.deepEqual(begun, ['running', 'next']);
  });

  it('goes on after a task that fails', async () => {
    const queue = new FairQueue(1, 4);
    const ticket = queue.enter('a');
    const failure = new Error('failed');
    const failed = ticket.run(() => Promise.reject(failure));
    const next = ticket.run(async () => 'done');
    await assert.rejects(failed, failure);
    assert.equal(await next, 'done');
  });

  it('begins nothing after it was closed', async () => {
    const queue = new FairQueue(1, 4);
    const { begun, run, endOne } = createTasks();
    const ticket = queue.enter('a');
    const running = run(ticket, 'running');
    const waiting = run(ticket, 'waiting');
    const reason = new Error('closed');
    queue.close(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(run(ticket, 'later'), reason);
    await assert.rejects(run(queue.enter('b'), 'later'), reason);
    await endOne();
    await running;
    assert.deepEqual(begun, ['running']);
  });
});
