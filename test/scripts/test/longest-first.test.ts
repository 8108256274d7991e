import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LONGEST, longestFirst } from '../../../scripts/test/longest-first.ts';
import { findTests, ROOT } from '../../../scripts/test/run-tests.ts';

const [longest = '', second = ''] = LONGEST;

test('long files come first, longest first, and the others keep their order', () => {
  assert.deepEqual(longestFirst(['a.test.ts', second, 'b.test.ts', longest]), [
    longest,
    second,
    'a.test.ts',
    'b.test.ts',
  ]);
});

test('no file is lost or run twice', () => {
  assert.deepEqual(longestFirst(findTests([])).toSorted(), findTests([]));
});

test('each file named as long is there, once', () => {
  assert.deepEqual(
    LONGEST.filter((file) => !existsSync(join(ROOT, file))),
    [],
  );
  assert.equal(new Set(LONGEST).size, LONGEST.length);
});
