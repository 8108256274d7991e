import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellTrouble } from '../../../shared/process/trouble.ts';
import { MINUTE_MS } from '../../../shared/time/durations.ts';

type Line = Readonly<{ dependency: string; kind: string; message: string; count: number }>;

function refusal(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

test('each kind of trouble is logged at once, then once a minute with how many there were', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: Line[] = [];
  const log = { warn: (line: Line) => void lines.push(line) } as never;
  for (let i = 0; i < 45_000; i += 1)
    tellTrouble(log, 'redis', refusal('OOM no memory'), { queue: `q${i % 11}` });
  tellTrouble(log, 'redis', new Error('wrapped', { cause: refusal('READONLY a replica') }));
  const told = () => lines.splice(0).map(({ kind, message, count }) => [kind, message, count]);
  assert.deepEqual(told(), [
    ['OOM', 'OOM no memory', 1],
    ['READONLY', 'READONLY a replica', 1],
  ]);
  t.mock.timers.tick(MINUTE_MS);
  assert.deepEqual(told(), [['OOM', 'OOM no memory', 44_999]]);
  tellTrouble(log, 'redis', refusal('OOM no memory'));
  assert.deepEqual(told(), []);
  t.mock.timers.tick(MINUTE_MS);
  assert.deepEqual(told(), [['OOM', 'OOM no memory', 1]]);
  t.mock.timers.tick(2 * MINUTE_MS);
  assert.deepEqual(told(), []);
  tellTrouble(log, 'redis', refusal('OOM no memory'));
  assert.deepEqual(told(), [['OOM', 'OOM no memory', 1]]);
});

test('a log of its own has a throttle of its own, and a long message is cut', () => {
  const lines: Line[] = [];
  const log = { warn: (line: Line) => void lines.push(line) } as never;
  tellTrouble(log, 'redis', refusal(`OOM ${'x'.repeat(1_000)}`));
  assert.equal(lines[0]?.message.length, 300);
});
