import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatTlogProof, parseTlogProof } from '../../../shared/transparency/tlog-proof.ts';
import { FOO, SOFA } from '../../support/published-notes.ts';

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const PROOF = {
  extra: new Uint8Array(Buffer.from('the entry')),
  index: 73894,
  hashes: [hash(1), hash(2), hash(3)],
  checkpoint: SOFA,
};
const TEXT = formatTlogProof(PROOF);

/** c2sp.org/tlog-proof, its example with a whole checkpoint and extra data, which the page shortens. */
const C2SP = `c2sp.org/tlog-proof@v1
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

${SOFA}`;

describe('proofs for one entry of a log', () => {
  it('are read as they were written', () => {
    for (const proof of [
      PROOF,
      { ...PROOF, extra: null },
      { ...PROOF, extra: new Uint8Array(0) },
      { ...PROOF, index: 0, hashes: [] },
      { ...PROOF, index: 2 ** 53 - 1 },
      { ...PROOF, hashes: Array.from({ length: 63 }, () => hash(1)) },
    ]) {
      assert.deepEqual(parseTlogProof(formatTlogProof(proof)), proof);
    }
  });

  it('have the lines that C2SP names', () => {
    assert.equal(
      TEXT,
      `c2sp.org/tlog-proof@v1\nextra dGhlIGVudHJ5\nindex 73894\n${PROOF.hashes.map(base64).join('\n')}\n\n${SOFA}`,
    );
    const parsed = parseTlogProof(C2SP);
    assert.equal(parsed?.hashes.length, 5);
    assert.equal(formatTlogProof(parsed), C2SP);
  });

  const line = base64(hash(1));
  const refused = {
    'without anything': '',
    'of a later version': TEXT.replace('@v1', '@v2'),
    'with a space behind its first line': TEXT.replace('@v1', '@v1 '),
    'with a line before it': `\n${TEXT}`,
    'with carriage returns': TEXT.replaceAll('\n', '\r\n'),
    'without an index': TEXT.replace('index 73894\n', ''),
    'with an empty index': TEXT.replace('73894', ''),
    'with a leading zero': TEXT.replace('73894', '073894'),
    'with a negative index': TEXT.replace('73894', '-1'),
    'with an index above 2^53 - 1': TEXT.replace('73894', '9007199254740992'),
    'with two extra lines': TEXT.replace('index', 'extra dGhl\nindex'),
    'with its extra line behind the index': TEXT.replace(
      'extra dGhlIGVudHJ5\nindex 73894',
      'index 73894\nextra dGhlIGVudHJ5',
    ),
    'with extra data that is no base64': TEXT.replace('dGhlIGVudHJ5', 'dGhlIGVudHJ'),
    'with an extra line without a space': TEXT.replace('extra dGhlIGVudHJ5', 'extra'),
    'with 64 hashes': formatTlogProof({ ...PROOF, hashes: Array.from({ length: 64 }, () => hash(1)) }),
    'with 64 hashes and no extra data': formatTlogProof({
      ...PROOF,
      extra: null,
      hashes: Array.from({ length: 64 }, () => hash(1)),
    }),
    'with a hash of 31 bytes': TEXT.replace(line, base64(hash(1).subarray(1))),
    'with a hash of 33 bytes': TEXT.replace(line, base64(new Uint8Array(33))),
    'with a hash without padding': TEXT.replace(line, line.slice(0, -1)),
    'with a space behind a hash': TEXT.replace(line, `${line} `),
    'without the empty line': TEXT.replace('\n\nexample', '\nexample'),
    'with two empty lines': TEXT.replace('\n\nexample', '\n\n\nexample'),
    'without a checkpoint': TEXT.slice(0, -SOFA.length),
    'with a note that is no checkpoint': TEXT.replace(SOFA, FOO.note),
    'with a checkpoint that nobody signed': TEXT.slice(0, TEXT.indexOf('— ')),
    'with a byte behind it': `${TEXT}x`,
    'with a line end behind it': `${TEXT}\n`,
    'cut at its end': TEXT.slice(0, -1),
  };
  for (const [fault, text] of Object.entries(refused)) {
    it(`a text ${fault} is no proof`, () => {
      assert.notEqual(text, TEXT);
      assert.equal(parseTlogProof(text), null);
    });
  }

  it('no change of one character makes the parser throw, and a text that it reads is written again as it was', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length - 1), fc.string({ unit: 'binary', maxLength: 2 }), (at, change) => {
        const text = TEXT.slice(0, at) + change + TEXT.slice(at + 1);
        const proof = parseTlogProof(text);
        if (proof !== null) assert.equal(formatTlogProof(proof), text);
      }),
      { numRuns: 500 },
    );
  });
});
