import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createAccountTurns } from '../../../api/http/account-turns.ts';
import { createWorks } from '../../support/works.ts';

test('a few write at once, and the accounts take turns', async () => {
  const turns = createAccountTurns(() => 2, 10);
  const { begun, endOldest, work } = createWorks();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) void turns.run(name[0]!, work(name));
  await turn();
  assert.deepEqual(begun, ['a1', 'a2']);
  while (begun.length < 7) await endOldest();
  assert.deepEqual(begun, ['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2']);
});

test('as many have their turn at once as may now, and none overtakes one that waits', async () => {
  let lanes = 1;
  const turns = createAccountTurns(() => lanes, 10);
  const { begun, endOldest, work } = createWorks();
  for (const name of ['a1', 'b1', 'c1']) void turns.run(name[0]!, work(name));
  await turn();
  assert.deepEqual(begun, ['a1']);
  lanes = 3;
  void turns.run('d', work('d1'));
  await turn();
  assert.deepEqual(begun, ['a1', 'b1', 'c1']);
  lanes = 1;
  await endOldest();
  await endOldest();
  assert.deepEqual(begun, ['a1', 'b1', 'c1']);
  await endOldest();
  assert.deepEqual(begun, ['a1', 'b1', 'c1', 'd1']);
  await endOldest();
});

test('work that fails gives its place on, and its caller the error', async () => {
  const turns = createAccountTurns(() => 1, 2);
  await assert.rejects(
    turns.run('a', () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(await turns.run('a', async () => 7), 7);
});

test('beyond the limit work is refused at once, an account’s beyond half of it', async () => {
  const turns = createAccountTurns(() => 1, 4);
  const { endOldest, work } = createWorks();
  const refused = { code: 'overloaded', retryAfterS: 1 };
  const accepted = [turns.run('a', work('a0')), turns.run('a', work('a1')), turns.run('a', work('a2'))];
  await assert.rejects(turns.run('a', work('a3')), refused);
  accepted.push(turns.run('b', work('b0')), turns.run('b', work('b1')));
  for (const name of ['a', 'b']) await assert.rejects(turns.run(name, work(name)), refused);
  // Two others fill it, and an account that waits for nothing has a place.
  accepted.push(turns.run('c', work('c0')));
  await assert.rejects(turns.run('c', work('c1')), refused);
  for (let i = 0; i < 6; i += 1) await endOldest();
  await Promise.all(accepted);
  const again = turns.run('d', work('d0'));
  await turn();
  await endOldest();
  await again;
});
