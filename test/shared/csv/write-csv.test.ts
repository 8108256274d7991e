import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { writeCsv } from '../../../shared/csv/write-csv.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';

/** The cell as a strict reader of RFC 4180 finds it, between two neighbours. */
function readBack(text: string): string {
  const rows = parse(writeCsv([{ a: 'x', b: text, c: 'y' }], ['a', 'b', 'c'])) as string[][];
  assert.deepEqual(rows[0], ['a', 'b', 'c']);
  assert.equal(rows.length, 2, JSON.stringify(text));
  assert.deepEqual([rows[1]?.[0], rows[1]?.[2]], ['x', 'y'], JSON.stringify(text));
  return rows[1]?.[1] ?? '';
}

test('a lone CR or LF in a cell begins no row', () => {
  for (const text of ['a\nb', 'a\rb', 'a\r\nb', 'a\n"b",c']) {
    assert.equal(readBack(text), text);
    assert.match(writeCsv([{ a: text }], ['a'], { header: false }), /^".*"\r\n$/s);
  }
});

test('a text like a formula begins with an apostrophe, also behind blanks and invisible characters', () => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\u00a0=1', '\u200f=1'];
  for (const text of [...formulas, '\u202e=1', '\ufeff@x', '\u2028-1', '\u2066+1', '＝1', '＠x', '\nplain']) {
    assert.equal(readBack(text), `'${text}`);
  }
});

test('other texts come back as they were', () => {
  for (const text of ['', 'a"b', 'a,b', '1-1', 'line\u2028break', '\u200fabc', "'=1", 'ä漢𝒳', '{"NAME":1}']) {
    assert.equal(readBack(text), text);
  }
  for (const text of HOSTILE_TEXTS.filter((hostile) => hostile.isWellFormed())) {
    assert.ok([text, `'${text}`].includes(readBack(text)), JSON.stringify(text));
  }
});
