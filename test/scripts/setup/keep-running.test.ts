import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepRunning, type Part } from '../../../scripts/setup/keep-running.ts';
import { eventually } from '../../support/eventually.ts';

const never = new AbortController().signal;

/** A part that ends when it is told to, and what became of it. */
function fakePart(): Part & { end(how: string): void; stops: number } {
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  const part = {
    exited,
    end: resolve,
    stops: 0,
    async stop() {
      part.stops += 1;
      resolve('It ended (stopped)');
    },
  };
  return part;
}

/** Starts parts from a list; one that is an error fails, null fails without a word. */
function keep(
  parts: Array<ReturnType<typeof fakePart> | Error | null>,
  delays = { firstMs: 1, longestMs: 4 },
) {
  const lines: string[] = [];
  let starts = 0;
  const first = fakePart();
  const kept = keepRunning(first, {
    name: 'It',
    async start() {
      starts += 1;
      const next = parts.shift() ?? null;
      if (next instanceof Error) throw next;
      return next;
    },
    describeEnd: () => 'Its log.',
    say: (line: string) => void lines.push(line),
    delays,
  });
  const untilStarted = (times: number) =>
    eventually(`it was started ${times} more times`, () => assert.equal(starts, times));
  return { kept, first, lines, starts: () => starts, untilStarted };
}

test('a part that ends by itself is reported and started again', async () => {
  const second = fakePart();
  const { kept, first, lines, untilStarted } = keep([second]);
  first.end('It ended (exit code 137)');
  await untilStarted(1);
  assert.deepEqual(lines, [
    'It ended (exit code 137) without being asked to. Its log.',
    'It: starting again in 0.001 s …',
  ]);
  await kept.stop(never);
  assert.deepEqual([first.stops, second.stops], [0, 1]);
});

test('a start that fails is reported, and tried again after twice the delay, up to the longest', async () => {
  const { kept, first, lines } = keep([new Error('no room'), null, null, fakePart()]);
  first.end('It ended (exit code 1)');
  await eventually('it was started at the fourth attempt', () => lines.length === 6);
  assert.deepEqual(
    lines.slice(1),
    ['It: starting again in 0.001 s …', 'no room'].concat(
      ['0.002', '0.004', '0.004'].map((s) => `It: starting again in ${s} s …`),
    ),
  );
  await kept.stop(never);
});

test('a part that ran longer than the longest delay starts again after the shortest', async (t) => {
  const parts = [fakePart(), fakePart(), fakePart()];
  const [second, third] = [parts[0] as Part, parts[1] as Part] as ReturnType<typeof fakePart>[];
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const { kept, first, lines, untilStarted } = keep(parts, { firstMs: 1, longestMs: 500 });
  first.end('1');
  await untilStarted(1);
  nowMs += 500;
  second?.end('2');
  await untilStarted(2);
  nowMs += 501;
  third?.end('3');
  await untilStarted(3);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('It: ')),
    ['0.001', '0.002', '0.001'].map((s) => `It: starting again in ${s} s …`),
  );
  await kept.stop(never);
});

test('a stop ends the delay before a part is started again', async () => {
  const { kept, first, lines, starts } = keep([], { firstMs: 60_000, longestMs: 60_000 });
  first.end('It ended (exit code 1)');
  await eventually('it waits', () => lines.at(-1) === 'It: starting again in 60 s …');
  await kept.stop(never);
  assert.equal(starts(), 0);
});

test('a stopped part is neither reported nor started again', async () => {
  const { kept, first, lines, starts } = keep([fakePart()]);
  await kept.stop(never);
  // A timer that was set before, for the first delay of 1 ms, would end before this one.
  await sleep(20);
  assert.equal(first.stops, 1);
  assert.deepEqual([lines, starts()], [[], 0]);
});

test('a part that ends while everything stops is neither reported nor started again', async () => {
  const first = fakePart();
  const stopping = new AbortController();
  const lines: string[] = [];
  const kept = keepRunning(first, {
    name: 'It',
    start: () => assert.fail('it was started again'),
    describeEnd: () => 'Its log.',
    say: (line: string) => void lines.push(line),
    signal: stopping.signal,
    delays: { firstMs: 1, longestMs: 4 },
  });
  stopping.abort();
  first.end('It ended (exit code 0)');
  await sleep(20);
  await kept.stop(never);
  assert.deepEqual(lines, []);
});

test('a stop aborts a start that is under way, and nothing more is reported', async () => {
  const first = fakePart();
  const lines: string[] = [];
  let starts = 0;
  const kept = keepRunning(first, {
    name: 'It',
    async start(signal) {
      starts += 1;
      await sleep(60_000, undefined, { signal });
      return null;
    },
    describeEnd: () => 'Its log.',
    say: (line: string) => void lines.push(line),
    delays: { firstMs: 1, longestMs: 4 },
  });
  first.end('It ended (exit code 1)');
  await eventually('it is started again', () => starts === 1);
  await kept.stop(never);
  assert.equal(lines.length, 2);
});
