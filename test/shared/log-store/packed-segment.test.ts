// The packed form of a segment: it gives back what was packed, byte for byte, or it is malformed at its first place.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { Binary, BSON } from 'mongodb';
import { createAuditKey } from '../../../shared/audit/audit-keys.ts';
import { LogWalker } from '../../../shared/audit/log-walker.ts';
import { packEntries, readSegment } from '../../../shared/log-store/segment.ts';
import { CODEC } from '../../../shared/log-store/segment-codec.ts';
import { entriesOf } from '../../../shared/log-store/segment-row.ts';
import { KEY, LOG, usualLog } from '../../support/signed-log.ts';

const ID = 'acc_A/sess_B/3';
const MALFORMED = [Buffer.alloc(0)];
const toBytes = (texts: readonly string[]) => texts.map((text) => Buffer.from(text));

function read(document: object): Buffer[] {
  return entriesOf(readSegment(BSON.serialize({ _id: ID, ...document })));
}

/** What somebody could have written who has the database and not our code. */
function packedBy(codec: number, bytes: Uint8Array): Buffer {
  const stream = codec === CODEC.zstd ? zlib.zstdCompressSync(bytes) : zlib.deflateSync(bytes);
  return Buffer.concat([Buffer.of(codec), stream]);
}

describe('a packed segment', () => {
  it('a packed segment gives back every entry, byte for byte, by both codecs', () => {
    const entry = fc.uint8Array({ minLength: 1, maxLength: 300 }).filter((bytes) => !bytes.includes(0x0a));
    const entries = fc.array(entry, { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, fc.constantFrom(...Object.values(CODEC)), (given, codec) => {
        const packed = packEntries(given, codec);
        assert.ok(packed && packed[0] === codec);
        assert.deepEqual(
          read({ packed }),
          given.map((bytes) => Buffer.from(bytes)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('a packed segment holds 256 entries of the largest size', () => {
    const entries = Array.from({ length: 256 }, (_, i) => Buffer.alloc(32_768, 1 + (i % 9)));
    for (const codec of Object.values(CODEC)) {
      assert.deepEqual(read({ packed: packEntries(entries, codec) }), entries);
    }
  });

  it('a segment of which the packed form cannot give back the entries is not packed', () => {
    const refused: [name: string, entries: Uint8Array[]][] = [
      ['no entry', []],
      ['an empty one', toBytes(['{}', ''])],
      ['one with LF', toBytes(['{}', '{\n}'])],
      ['one over the limit', [Buffer.alloc(32_769, 1)]],
      ['257 of them', Array.from({ length: 257 }, () => Buffer.from('{}'))],
    ];
    for (const [name, entries] of refused) assert.equal(packEntries(entries), null, name);
  });

  for (const [name, codec] of Object.entries(CODEC)) {
    const packed = packedBy(codec, Buffer.from('{"a":1}\n{"b":2}'));
    const stored: [what: string, document: object][] = [
      ['a stream cut short', { packed: packed.subarray(0, -3) }],
      ['a stream without an end', { packed: packed.subarray(0, 8) }],
      ['no stream', { packed: packed.subarray(0, 1) }],
      ['a byte after the stream', { packed: Buffer.concat([packed, Buffer.of(0)]) }],
      ['a second stream', { packed: Buffer.concat([packed, packed.subarray(1)]) }],
      ['the other codec', { packed: Buffer.concat([Buffer.of(3 - codec), packed.subarray(1)]) }],
      ['no entry', { packed: packedBy(codec, Buffer.alloc(0)) }],
      ['an empty entry', { packed: packedBy(codec, Buffer.from('{}\n\n{}')) }],
      ['a first LF', { packed: packedBy(codec, Buffer.from('\n{}')) }],
      ['a final LF', { packed: packedBy(codec, Buffer.from('{}\n')) }],
      ['257 entries', { packed: packedBy(codec, Buffer.from(Array(257).fill('{}').join('\n'))) }],
      ['more than 8 MiB', { packed: packedBy(codec, Buffer.alloc(8 * 1024 * 1024 + 256, 0x20)) }],
      ['64 MiB of zeros', { packed: packedBy(codec, Buffer.alloc(2 ** 26)) }],
      ['both forms', { packed, entries: ['{"a":1}', '{"b":2}'] }],
      ['both forms, the other empty', { packed, entries: [] }],
      ['another binary type', { packed: new Binary(packed, 4) }],
    ];
    for (const [what, document] of stored)
      it(`a segment packed by ${name} with ${what} is malformed`, () => {
        assert.deepEqual(read(document), MALFORMED);
      });
  }

  for (const [what, packed] of [
    ['no bytes', Buffer.alloc(0)],
    ['codec 0', Buffer.of(0)],
    ['an unknown codec', Buffer.of(255, 1, 2, 3)],
    ['a text', 'abc'],
    ['null', null],
    ['an array', ['{}']],
    ['a number', 7],
  ] as const)
    it(`a segment whose packed form is ${what} is malformed`, () => {
      assert.deepEqual(read({ packed }), MALFORMED);
    });

  it('a segment with two packed forms is malformed', () => {
    const one = BSON.serialize({ packed: packEntries(toBytes(['{}'])) });
    // The elements of one document twice: its length is before them and a zero after.
    const elements = one.subarray(4, -1);
    const twice = Buffer.concat([Buffer.alloc(4), elements, elements, Buffer.of(0)]);
    twice.writeInt32LE(twice.length);
    assert.deepEqual(entriesOf(readSegment(twice)), MALFORMED);
  });

  it('a stream that asks for a window of 128 MiB is malformed, and takes no such memory', () => {
    const params = { [zlib.constants.ZSTD_c_windowLog]: 27, [zlib.constants.ZSTD_c_contentSizeFlag]: 0 };
    const stream = zlib.zstdCompressSync(Buffer.alloc(2 ** 24, 0x20), { params });
    assert.deepEqual(read({ packed: Buffer.concat([Buffer.of(CODEC.zstd), stream]) }), MALFORMED);
  });
});

describe('a bit that flipped in a packed segment', () => {
  for (const [name, codec] of Object.entries(CODEC))
    it(`at each of 2,000 places in a segment packed by ${name} gives a named fault or the very same entries`, () => {
      const entries = usualLog(256);
      const packed = packEntries(entries, codec) as Buffer;
      const { hasher } = createAuditKey({ id: 'k_test', bytes: KEY });
      const bits = packed.length * 8;
      const found = { fault: 0, same: 0 };
      for (let i = 0; i < 2_000; i += 1) {
        // The first bits, which are the codec and the stream's head, and places all over the rest.
        const bit = i < 500 ? i : 500 + Math.floor(((i - 500) * (bits - 500)) / 1_500);
        const flipped = Buffer.from(packed);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const { bytes, begins, ends } = readSegment(BSON.serialize({ _id: ID, packed: flipped })).open();
        const walker = new LogWalker(LOG, hasher);
        const fault = walker.stepAll(bytes, begins, ends);
        if (fault) {
          assert.ok(['malformed', 'foreign', 'sequence', 'altered'].includes(fault.fault), `bit ${bit}`);
          found.fault += 1;
          continue;
        }
        // Entries that are all well and too few: the log is shorter than its head says, or its next segment a gap.
        const read = begins.map((begin, at) => bytes.subarray(begin, ends[at]));
        assert.deepEqual(read, entries.slice(0, read.length), `bit ${bit}`);
        if (read.length === entries.length) found.same += 1;
        else found.fault += 1;
      }
      assert.ok(found.fault > 1_000, JSON.stringify(found));
    });
});
