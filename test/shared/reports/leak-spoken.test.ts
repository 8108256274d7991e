import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spokenAsDigits } from '../../../shared/reports/leak-spoken.ts';

test('writes a spoken number in digits, in the groups in which it is spoken', () => {
  assert.equal(
    spokenAsDigits('it is four one five, five five five, two six seven one.'),
    'it is 415-555-2671.',
  );
  assert.equal(spokenAsDigits('Nine-oh-four ONE two three'), '904123');
  assert.equal(spokenAsDigits('double four triple five, one zero zero one'), '44555-1001');
});

test('leaves counts and other words as they are', () => {
  for (const text of ['one, two, three', 'seven of nine', 'twenty one thirty two', 'someone two three', '']) {
    assert.equal(spokenAsDigits(text), null, text);
  }
});

test('writes a number that is spoken in part in digits, and the signs that are spoken in it', () => {
  assert.equal(spokenAsDigits('two one two 736 5000'), '2127365000');
  assert.equal(spokenAsDigits('523, four eight, 1907'), '523-48-1907');
  assert.equal(spokenAsDigits('four one five dash five five five dash two six seven one'), '415-555-2671');
  assert.equal(spokenAsDigits('two one two seven three six five thousand'), '2127365000');
  assert.equal(spokenAsDigits('5830 dash 0417'), '5830-0417');
});
