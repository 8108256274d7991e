import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage } from '../../../shared/mongo/read-page.ts';

test('a page has as many items as it may, whatever is passed over, and reads no more', async () => {
  let given = 0;
  async function* rows() {
    for (let i = 0; i < 10; i += 1) {
      given += 1;
      yield i;
    }
  }
  const odd = (row: number) => (row % 2 === 1 ? `${row}` : null);
  assert.deepEqual(await readPage(rows(), odd, 3), ['1', '3', '5']);
  assert.equal(given, 6);
  assert.deepEqual(await readPage(rows(), odd, 20), ['1', '3', '5', '7', '9']);
  assert.deepEqual(await readPage(rows(), () => null, 20), []);
});
