import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseByteRange } from '../../../api/http/byte-range.ts';
import { prefersAsync } from '../../../api/http/prefers-async.ts';

test('a range of bytes is half-open, within the size', () => {
  assert.deepEqual(parseByteRange('bytes=0-0', 10), { begin: 0, end: 1 });
  assert.deepEqual(parseByteRange('BYTES=3-', 10), { begin: 3, end: 10 });
  assert.deepEqual(parseByteRange('bytes=-3', 10), { begin: 7, end: 10 });
  assert.deepEqual(parseByteRange(`bytes=3-${'9'.repeat(400)}`, 10), { begin: 3, end: 10 });
});

test('a range behind the last byte cannot be satisfied', () => {
  for (const range of ['bytes=10-', 'bytes=10-12', 'bytes=-0', `bytes=${'9'.repeat(400)}-`]) {
    assert.equal(parseByteRange(range, 10), 'unsatisfiable', range);
  }
  assert.equal(parseByteRange('bytes=0-', 0), 'unsatisfiable');
});

test('a range of another form asks for everything', () => {
  for (const range of [
    '',
    'bytes=-',
    'bytes=5-4',
    'bytes=0-1,3-4',
    'bytes=1.5-2',
    'items=0-1',
    'bytes 0-1',
  ]) {
    assert.equal(parseByteRange(range, 10), null, range);
  }
});

test('respond-async is found among other preferences, and not in a value of one', () => {
  const prefers = (header: string) => prefersAsync({ get: () => header });
  for (const header of [
    'respond-async',
    'Respond-Async',
    'wait=10, respond-async',
    'respond-async; x=1',
    'a="b,c" , respond-async',
  ]) {
    assert.ok(prefers(header), header);
  }
  for (const header of ['', 'wait=10', 'x=respond-async', 'x="a, respond-async"', 'respond-asynchronously']) {
    assert.ok(!prefers(header), header);
  }
});
