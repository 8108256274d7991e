import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCursorCodec } from '../../../api/http/cursor.ts';

const codec = createCursorCodec(new Uint8Array(32).fill(7));
const value = { v: 1, account: 'acc_1', after: [1777755154520, 'sess_1'] };

test('a sealed value opens again', () => {
  assert.deepEqual(codec.open(codec.seal(value)), value);
});

test('a cursor starts like base64url of a JSON object', () => {
  assert.match(codec.seal(value), /^eyJ[\w-]+\.[\w-]{43}$/);
});

test('a cursor with any one bit of any byte flipped does not open', () => {
  const bytes = Buffer.from(codec.seal(value), 'latin1');
  for (let index = 0; index < bytes.length; index++) {
    for (let bit = 0; bit < 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[index] = altered[index]! ^ (1 << bit);
      assert.equal(codec.open(altered.toString('latin1')), null, `byte ${index}, bit ${bit}`);
    }
  }
});

test('a cursor cut short, made longer or without its mac does not open', () => {
  const text = codec.seal(value);
  const payload = text.slice(0, text.indexOf('.'));
  for (const altered of [
    text.slice(0, -1),
    `${text}=`,
    `${text}.`,
    ` ${text}`,
    payload,
    `${payload}.`,
    '.',
    '',
  ]) {
    assert.equal(codec.open(altered), null, altered);
  }
});

test('a cursor sealed under another key does not open', () => {
  const other = createCursorCodec(new Uint8Array(32).fill(8));
  assert.equal(codec.open(other.seal(value)), null);
});

test('text past one KiB does not open, even one that was sealed', () => {
  assert.equal(codec.open(codec.seal({ long: 'x'.repeat(1024) })), null);
});

test('text that is not ASCII does not open', () => {
  assert.equal(codec.open(`${codec.seal(value)}é`), null);
  assert.equal(codec.open('\ud800.\0'), null);
});
