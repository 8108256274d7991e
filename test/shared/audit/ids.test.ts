import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isId, newId, timeOfId } from '../../../shared/audit/ids.ts';

test('ids of one millisecond are all different, however many are made', () => {
  const ids = Array.from({ length: 5_000 }, () => newId('event', 1_700_000_000_000));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => isId('event', id)));
  // Every character takes every value.
  for (let at = -16; at < 0; at += 1) assert.equal(new Set(ids.map((id) => id.at(at))).size, 32);
});

test('new ids sort in the order in which they were made', () => {
  const ids = Array.from({ length: 1_000 }, () => newId('event'));
  assert.deepEqual(ids.toSorted(), ids);
});

test('the time of an identifier of any kind is the one that it was made at', () => {
  for (const kind of ['account', 'session', 'report'] as const) {
    assert.equal(timeOfId(newId(kind, 1_764_400_000_123)), 1_764_400_000_123);
  }
});

test('an identifier with a time that no clock gives has none', () => {
  assert.equal(timeOfId(`sess_7${'Z'.repeat(25)}`), 2 ** 48 - 1);
  for (const part of [`8${'0'.repeat(25)}`, 'Z'.repeat(26)]) assert.equal(timeOfId(`sess_${part}`), null);
});
