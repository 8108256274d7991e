import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepLast } from '../../../shared/transparency/keep-last.ts';
import { parseLogEntry } from '../../../shared/transparency/log-entry.ts';

test('a text is read once while it is asked for again, and anew after another', () => {
  const reads: string[] = [];
  const read = keepLast((text) => {
    reads.push(text);
    return text === 'none' ? null : text.length;
  });
  assert.deepEqual(['ab', 'ab', 'none', 'none', 'ab', ''].map(read), [2, 2, null, null, 2, 0]);
  assert.deepEqual(reads, ['ab', 'none', 'ab', '']);
});

test('a long text is not kept', () => {
  let reads = 0;
  const read = keepLast(() => {
    reads += 1;
  });
  for (const length of [65_536, 65_537]) {
    for (let i = 0; i < 2; i += 1) read('x'.repeat(length));
  }
  assert.equal(reads, 3);
});

test('a text that is no entry is none the second time', () => {
  for (let i = 0; i < 2; i += 1) assert.equal(parseLogEntry('{"kind":"session_closed"}'), null);
});
