import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.ts';

test('a wait asks until its check returns true', async () => {
  let asked = 0;
  await eventually('it was asked three times', () => ++asked === 3, { everyMs: 1 });
  assert.equal(asked, 3);
});

test('a wait asks until its check throws no more', async () => {
  let asked = 0;
  const check = () => {
    asked += 1;
    assert.equal(asked, 3);
  };
  await eventually('it was asked three times', check, { everyMs: 1 });
  assert.equal(asked, 3);
});

test('a wait that fails says what it waited for, and why not', async () => {
  const why = new Error('not yet');
  const never = () => Promise.reject(why);
  await assert.rejects(eventually('pigs fly', never, { deadlineMs: 20, everyMs: 1 }), {
    message: /0\.02 s.*pigs fly/,
    cause: why,
  });
});

test('a wait ends at its deadline although its check hangs', async () => {
  const hanging = () => new Promise<void>(() => {});
  await assert.rejects(eventually('an answer came', hanging, { deadlineMs: 20 }), /an answer came/);
});

test('a check is not asked again after its deadline', async () => {
  const hanging = Promise.withResolvers<boolean>();
  let asked = 0;
  const check = () => {
    asked += 1;
    return hanging.promise;
  };
  await assert.rejects(eventually('it is done', check, { deadlineMs: 5, everyMs: 1 }));
  hanging.resolve(false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(asked, 1);
});
