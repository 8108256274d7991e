import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVisibleName } from '../../../shared/accounts/visible-name.ts';

test('a name is stored without space around it, and composed', () => {
  assert.equal(readVisibleName('  Ada Lovelace '), 'Ada Lovelace');
  assert.equal(readVisibleName('Jose\u0301'), 'José');
});

test('an empty, a long or an invisible name is none', () => {
  for (const bad of ['', ' ', 'x'.repeat(101), 'a\nb', '\u001b[31mAda', '\u202eAda', 'A\u200bda', '\ud800']) {
    assert.equal(readVisibleName(bad), null, JSON.stringify(bad));
  }
});
