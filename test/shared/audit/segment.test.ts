// Segments as somebody with the database, and without our code, could have written them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BSON,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { readEntry } from '../../../shared/audit/entry.ts';
import { readSegment } from '../../../shared/audit/segment.ts';
import { RAW_REDACTION, writeRaw } from '../../support/entries.ts';

const ENTRY = writeRaw(RAW_REDACTION);

function entriesOf(document: Record<string, unknown>): Buffer[] {
  const { bytes, begins, ends } = readSegment(BSON.serialize(document));
  return begins.map((begin, i) => bytes.subarray(begin, ends[i]));
}

describe('readSegment', () => {
  it('finds the index and every entry, byte for byte', () => {
    const entries = ['', 'a', 'é😀', ENTRY, 'x'.repeat(32_768), 'nul\u0000inside'];
    const document = BSON.serialize({ _id: 'acc_A/sess_B/12', entries });
    assert.equal(readSegment(document).index, 12);
    assert.deepEqual(
      entriesOf({ _id: 'a/b/0', entries }),
      entries.map((text) => Buffer.from(text)),
    );
  });

  it('reads a document that stands in the midst of a larger buffer', () => {
    const document = BSON.serialize({ _id: 'a/b/3', entries: [ENTRY] });
    const larger = Buffer.concat([Buffer.alloc(17, 0xff), document, Buffer.alloc(9, 0xff)]);
    const { index, bytes, begins, ends } = readSegment(larger.subarray(17, 17 + document.length));
    assert.deepEqual([index, bytes.toString('utf8', begins[0], ends[0])], [3, ENTRY]);
  });

  it('gives elements that are no strings as something that is no entry', () => {
    const odd = [
      ...[
        null,
        true,
        1.5,
        new Int32(1),
        new Long(1n),
        new Double(1),
        Decimal128.fromString('1'),
        new Date(0),
      ],
      ...[new ObjectId(), /x/, new MinKey(), new MaxKey(), new Timestamp(1n), Buffer.from(ENTRY), {}, []],
      ...[{ 0: ENTRY }, [ENTRY], new BSONSymbol(ENTRY), new Code(ENTRY), new Code(ENTRY, { a: 1 })],
    ];
    const found = entriesOf({ _id: 'a/b/0', entries: [ENTRY, ...odd, ENTRY] });
    assert.equal(found.length, odd.length + 2);
    assert.deepEqual(
      found.map((bytes) => readEntry(bytes) !== null),
      [true, ...odd.map(() => false), true],
    );
  });

  it('finds no entries where there is no array of them', () => {
    for (const entries of [undefined, null, ENTRY, { 0: ENTRY }, 7]) {
      assert.deepEqual(entriesOf({ _id: 'a/b/0', entries }), []);
    }
    assert.deepEqual(entriesOf({}), []);
  });
});
