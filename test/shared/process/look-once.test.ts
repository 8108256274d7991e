import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookOnce } from '../../../shared/process/look-once.ts';

test('all who ask while a look is under way get its answer, and the next one looks anew', async () => {
  let looks = 0;
  const look = lookOnce(async (_thing: object) => {
    looks += 1;
    await Promise.resolve();
    return looks;
  });
  const [one, other] = [{}, {}];
  assert.deepEqual(await Promise.all([look(one), look(one)]), [1, 1]);
  assert.deepEqual([await look(one), await look(one)], [2, 3]);
  await Promise.all([look(one), look(other)]);
  assert.equal(looks, 5);
});

test('a look that fails fails for all who wait for it, and for nobody after it', async () => {
  let fails = true;
  const look = lookOnce(async (_thing: object) => {
    if (fails) throw new Error('away');
    return 1;
  });
  const thing = {};
  for (const { status } of await Promise.allSettled([look(thing), look(thing)]))
    assert.equal(status, 'rejected');
  fails = false;
  assert.equal(await look(thing), 1);
});
