import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { writeBundles } from '../../../scripts/test/bundles.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `test/${i}.test.ts`);

for (const count of [0, 1, 9, 10, 11, 276]) {
  test(`${count} files are in one shared process each, in their order`, (t) => {
    const bundles = writeBundles(names(count), '/project', temporaryFolder(t));
    assert.deepEqual(
      bundles.flatMap(({ members }) => members),
      names(count),
    );
    assert.equal(new Set(bundles.map(({ path }) => path)).size, bundles.length);
    assert.ok(bundles.every(({ path, members }) => existsSync(path) && members.length > 0));
  });
}
