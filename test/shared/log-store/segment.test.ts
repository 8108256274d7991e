// Segments as somebody with the database, and without our code, could have written them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
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
import { findStrings, readSegment } from '../../../shared/log-store/segment.ts';
import { RAW_REDACTION, writeRaw } from '../../support/entries.ts';

const ENTRY = writeRaw(RAW_REDACTION);

function entriesOf(document: Record<string, unknown>): Buffer[] {
  const { bytes, begins, ends } = readSegment(BSON.serialize(document)).open();
  return begins.map((begin, i) => bytes.subarray(begin, ends[i]));
}

describe('readSegment', () => {
  it('readSegment gives the index and every entry, byte for byte', () => {
    const entries = ['', 'a', 'é😀', ENTRY, 'x'.repeat(32_768), 'nul\u0000inside'];
    const document = BSON.serialize({ _id: 'acc_A/sess_B/12', entries });
    assert.equal(readSegment(document).index, 12);
    assert.deepEqual(
      entriesOf({ _id: 'a/b/0', entries }),
      entries.map((text) => Buffer.from(text)),
    );
  });

  it('readSegment reads a document in the middle of a larger buffer', () => {
    const document = BSON.serialize({ _id: 'a/b/3', entries: [ENTRY] });
    const larger = Buffer.concat([Buffer.alloc(17, 0xff), document, Buffer.alloc(9, 0xff)]);
    const segment = readSegment(larger.subarray(17, 17 + document.length));
    const { bytes, begins, ends } = segment.open();
    assert.deepEqual([segment.index, bytes.toString('utf8', begins[0], ends[0])], [3, ENTRY]);
  });

  it('readSegment gives an element that is no string as bytes that are no entry', () => {
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

  it('readSegment gives no entries where there is no array of them', () => {
    for (const entries of [undefined, null, ENTRY, { 0: ENTRY }, 7]) {
      assert.deepEqual(entriesOf({ _id: 'a/b/0', entries }), []);
    }
    assert.deepEqual(entriesOf({}), []);
  });
});

describe('findStrings', () => {
  it('findStrings finds the same entries as the full reader, or none, however the array is damaged', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 12 });
    const change = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 1, 2, 3, 4, 0x30, 0x7f, 0xff) });
    let found = 0;
    fc.assert(
      fc.property(texts, fc.array(change, { maxLength: 2 }), fc.nat(9), (entries, changes, after) => {
        const array = BSON.serialize({ ...entries });
        const bytes = Buffer.concat([Buffer.of(7), array, Buffer.alloc(after)]);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const [begins, ends] = [[99], [99]];
        if (!findStrings(bytes, 1, begins, ends)) {
          assert.deepEqual([begins, ends], [[99], [99]]);
          return;
        }
        found += 1;
        const elements = [...BSON.onDemand.parseToElements(bytes, 1)];
        assert.ok(elements.every(([type]) => type === 2));
        assert.deepEqual(
          begins.slice(1),
          elements.map(([, , , at]) => at + 4),
        );
        assert.deepEqual(
          ends.slice(1),
          elements.map(([, , , at, length]) => at + length - 1),
        );
      }),
      { numRuns: 5_000 },
    );
    assert.ok(found > 1_000);
  });

  it('findStrings refuses an array whose last name runs to its end', () => {
    const array = Buffer.from(BSON.serialize({ 0: ENTRY, 1: '' }));
    // The last element is its type, "1", a zero, and an empty string of five bytes; then the array ends.
    const value = array.length - 7;
    array.fill(0x30, value, array.length - 1);
    const [begins, ends]: [number[], number[]] = [[], []];
    assert.equal(findStrings(array, 0, begins, ends), false);
    assert.deepEqual([begins, ends], [[], []]);
    assert.throws(() => [...BSON.onDemand.parseToElements(array, 0)], { name: 'BSONOffsetError' });
  });

  it('findStrings accepts the array of an honest segment', () => {
    const array = BSON.serialize({ ...Array.from({ length: 256 }, () => ENTRY) });
    const [begins, ends]: [number[], number[]] = [[], []];
    assert.ok(findStrings(Buffer.from(array), 0, begins, ends));
    assert.deepEqual([begins.length, ends.length], [256, 256]);
  });
});
