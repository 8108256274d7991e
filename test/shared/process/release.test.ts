import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { ReleaseStack } from '../../../shared/process/release.ts';
import { eventually } from '../../support/eventually.ts';

test('releases the last acquired first', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack();
  stack.defer(() => void order.push('first'));
  stack.defer(async () => void order.push('second'));
  await stack.release(1_000);
  assert.deepEqual(order, ['second', 'first']);
});

test('releases once, however often it is asked', async () => {
  let count = 0;
  const stack = new ReleaseStack();
  stack.defer(() => {
    count += 1;
  });
  await Promise.all([stack.release(1_000), stack.release(1_000)]);
  await stack.release(1_000);
  assert.equal(count, 1);
});

test('runs every release and rejects with the first error', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack();
  stack.defer(() => void order.push('first'));
  stack.defer(() => Promise.reject(new Error('later error')));
  stack.defer(() => {
    throw new Error('first error');
  });
  await assert.rejects(stack.release(1_000), { message: 'first error' });
  assert.deepEqual(order, ['first']);
});

test('forces a release that outlasts the deadline', async () => {
  const stack = new ReleaseStack();
  stack.defer(
    (force) => new Promise((resolve) => force.addEventListener('abort', () => resolve(), { once: true })),
  );
  await stack.release(10);
});

test('leaves behind a release that ignores force', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack();
  stack.defer(() => void order.push('first'));
  stack.defer(() => new Promise(() => {}));
  await stack.release(10);
  assert.deepEqual(order, ['first']);
});

test('releases a resource that arrives while the others are released', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack();
  stack.defer(() => {
    stack.defer(() => void order.push('late'));
  });
  await stack.release(1_000);
  assert.deepEqual(order, ['late']);
});

test('releases a late resource without waiting for the others', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack();
  const slow = Promise.withResolvers<void>();
  stack.defer(() => slow.promise.then(() => void order.push('slow')));
  const released = stack.release(1_000);
  stack.defer(() => {
    order.push('late');
    slow.resolve();
  });
  await released;
  assert.deepEqual(order, ['late', 'slow']);
});

test('a release waits for a resource that arrives meanwhile, and rejects with its error', async () => {
  const stack = new ReleaseStack();
  stack.defer(() => {
    stack.defer(() => Promise.reject(new Error('late error')));
  });
  await assert.rejects(stack.release(1_000), { message: 'late error' });
});

test('releases at the end of the block that uses it, within its own deadline', async () => {
  const order: string[] = [];
  {
    await using stack = new ReleaseStack(10);
    stack.defer(() => void order.push('first'));
    stack.defer(
      (force) =>
        new Promise((resolve) => force.addEventListener('abort', () => resolve(void order.push('forced')))),
    );
    order.push('used');
  }
  assert.deepEqual(order, ['used', 'forced', 'first']);
});

test('releases a resource that arrives after the end, forced', async () => {
  const stack = new ReleaseStack();
  await stack.release(1_000);
  const forced = Promise.withResolvers<boolean>();
  stack.defer((force) => forced.resolve(force.aborted));
  assert.equal(await forced.promise, true);
});

/** A process that says each call of its handler and lives until its standard input ends. */
const LISTENER = `
  import { onShutdownSignal } from ${JSON.stringify(new URL('../../../shared/process/release.ts', import.meta.url).href)};
  onShutdownSignal((reason) => process.stdout.write(reason + '\\n'));
  process.stdin.resume();
  process.stdout.write('ready\\n');
`;

async function startListener(stdio: ('pipe' | 'ipc' | 'inherit')[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', LISTENER], { stdio });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await eventually('the process listens', () => output.includes('ready'));
  const finish = async () => {
    const exited = once(child, 'exit');
    const read = once(child.stdout ?? child, 'end');
    child.stdin?.end();
    const [[code]] = await Promise.all([exited, read]);
    return { code, lines: output.trim().split('\n').slice(1) };
  };
  return { child, finish, nextLine: () => once(child.stdout ?? child, 'data') };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} calls the shutdown handler once`, async () => {
    const { child, finish, nextLine } = await startListener(['pipe', 'pipe', 'inherit']);
    const called = nextLine();
    child.kill(signal);
    await called;
    child.kill(signal);
    child.kill('SIGTERM');
    assert.deepEqual(await finish(), { code: 0, lines: [signal] });
  });
}

test('the end of the parent calls the shutdown handler', async () => {
  const { child, finish, nextLine } = await startListener(['pipe', 'pipe', 'inherit', 'ipc']);
  const called = nextLine();
  child.disconnect();
  await called;
  assert.deepEqual(await finish(), { code: 0, lines: ['the parent process ended'] });
});

test('listening for the end of the parent keeps no process alive', async () => {
  const { finish } = await startListener(['pipe', 'pipe', 'inherit', 'ipc']);
  assert.deepEqual(await finish(), { code: 0, lines: [] });
});
