import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCursorCodec } from '../../../api/http/cursor.ts';

const codec = createCursorCodec(new Uint8Array(32).fill(7));
const value = { v: 1, account: 'acc_1', after: [1777755154520, 'sess_1'] };

test('a signed value is read back', () => {
  assert.deepEqual(codec.verify(codec.sign(value)), value);
});

test('a cursor starts like base64url of a JSON object', () => {
  assert.match(codec.sign(value), /^eyJ[\w-]+\.[\w-]{43}$/);
});

test('a cursor with any one bit of any byte flipped is refused', () => {
  const bytes = Buffer.from(codec.sign(value), 'latin1');
  for (let index = 0; index < bytes.length; index++) {
    for (let bit = 0; bit < 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[index] = altered[index]! ^ (1 << bit);
      assert.equal(codec.verify(altered.toString('latin1')), null, `byte ${index}, bit ${bit}`);
    }
  }
});

test('a cursor cut short, made longer or without its MAC is refused', () => {
  const text = codec.sign(value);
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
    assert.equal(codec.verify(altered), null, altered);
  }
});

test('a cursor signed with another key is refused', () => {
  const other = createCursorCodec(new Uint8Array(32).fill(8));
  assert.equal(codec.verify(other.sign(value)), null);
});

test('text longer than one KiB is refused, even if it was signed', () => {
  assert.equal(codec.verify(codec.sign({ long: 'x'.repeat(1024) })), null);
});

test('text that is not ASCII is refused', () => {
  assert.equal(codec.verify(`${codec.sign(value)}é`), null);
  assert.equal(codec.verify('\ud800.\0'), null);
});
