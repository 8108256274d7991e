import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createCursorCodec } from '../../../api/http/cursor.ts';
import { cutPage, verifyCursor } from '../../../api/http/paging.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

const cursors = createCursorCodec(new Uint8Array(32));
const state = z.strictObject({ account: z.string(), list: z.string(), after: z.string() });
const identity = { account: 'acc_1', list: 'agents' };

test('a page drops its extra row, and continues after the last row shown', () => {
  assert.deepEqual(cutPage([1, 2, 3], 2), { page: [1, 2], last: 2 });
});

test('a page without an extra row has no cursor', () => {
  for (const rows of [[], [1], [1, 2]]) assert.deepEqual(cutPage(rows, 2), { page: rows, last: undefined });
});

test('a list reads the state of a cursor that it issued', () => {
  const given = { ...identity, after: 'agt_1' };
  assert.deepEqual(verifyCursor({ cursors }, cursors.sign(given), state, identity), given);
});

test('a list refuses a cursor of another account, list or format, and text that is no cursor', () => {
  const texts = [
    cursors.sign({ ...identity, account: 'acc_2', after: 'agt_1' }),
    cursors.sign({ ...identity, list: 'sessions', after: 'agt_1' }),
    cursors.sign({ ...identity, after: 1 }),
    cursors.sign({ ...identity, after: 'agt_1', more: true }),
    'eyJ',
    '',
  ];
  for (const text of texts) {
    assert.throws(
      () => verifyCursor({ cursors }, text, state, identity),
      (error) => error instanceof AppError && error.code === 'validation_failed' && error.param === 'cursor',
      text,
    );
  }
});
