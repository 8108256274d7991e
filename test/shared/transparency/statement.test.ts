import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { formatStatement, parseStatement } from '../../../shared/transparency/statement.ts';

const STATEMENT = {
  reportId: 'rep_01HZX3V7Q9W8R5T2Y4K6M8N0PA',
  sha256: new Uint8Array(32).fill(7),
  generatedAt: '2026-05-03T10:00:00.123Z',
  origin: 'evidence.example/acc_01HZX3V7Q9W8R5T2Y4K6M8N0PA',
};
const TEXT = formatStatement('report', STATEMENT);
const SHA256 = Buffer.alloc(32, 7).toString('base64');

describe('statements of reports', () => {
  it('are five lines, and are read as they were written', () => {
    assert.equal(
      TEXT,
      `masker-evidence/report/v1\n${STATEMENT.reportId}\n${SHA256}\n${STATEMENT.generatedAt}\n${STATEMENT.origin}\n`,
    );
    assert.deepEqual(parseStatement('report', TEXT), STATEMENT);
    const whole = { ...STATEMENT, generatedAt: '2026-05-03T10:00:00Z' };
    assert.deepEqual(parseStatement('report', formatStatement('report', whole)), whole);
  });

  it('about a PDF differ in the first line, and neither is taken for the other', () => {
    const ofPdf = formatStatement('pdf', STATEMENT);
    assert.equal(ofPdf, TEXT.replace('masker-evidence/report/v1', 'masker-evidence/pdf/v1'));
    assert.deepEqual(parseStatement('pdf', ofPdf), STATEMENT);
    assert.equal(parseStatement('report', ofPdf), null);
    assert.equal(parseStatement('pdf', TEXT), null);
  });

  it('are no checkpoints, and no checkpoint is one', () => {
    assert.equal(parseCheckpoint(TEXT), null);
    assert.equal(parseStatement('report', `masker-evidence/report/v1\n1\n${SHA256}\n`), null);
  });

  const unreadable = {
    'an id of another kind': { reportId: 'acc_01HZX3V7Q9W8R5T2Y4K6M8N0PA' },
    'a hash of 31 bytes': { sha256: new Uint8Array(31) },
    'zero milliseconds': { generatedAt: '2026-05-03T10:00:00.000Z' },
    'a space in the origin': { origin: 'evidence example' },
  };
  for (const [fault, part] of Object.entries(unreadable)) {
    it(`are not written with ${fault}`, () => {
      assert.throws(() => formatStatement('report', { ...STATEMENT, ...part }), RangeError);
    });
  }

  const refused = {
    'without anything': '',
    'of another version': TEXT.replace('/v1', '/v2'),
    'with a line before it': `\n${TEXT}`,
    'with a line more': `${TEXT}more\n`,
    'with an empty line behind it': `${TEXT}\n`,
    'without its last line end': TEXT.slice(0, -1),
    'with carriage returns': TEXT.replaceAll('\n', '\r\n'),
    'with an id of another kind': TEXT.replace('rep_', 'acc_'),
    'with an id in small letters': TEXT.replace('rep_01HZX3V7', 'rep_01hzx3v7'),
    'with a hash of 31 bytes': TEXT.replace(SHA256, Buffer.alloc(31).toString('base64')),
    'with a hash in hex': TEXT.replace(SHA256, '07'.repeat(32)),
    'with a hash with other last bits': TEXT.replace('Bwc=', 'Bwd='),
    'with zero milliseconds': TEXT.replace('.123Z', '.000Z'),
    'with a time of another zone': TEXT.replace('.123Z', '.123+02:00'),
    'with a day that does not exist': TEXT.replace('05-03', '02-30'),
    'with a time that is none': TEXT.replace('2026-05-03T10:00:00.123Z', 'soon'),
    'with a space in the origin': TEXT.replace('evidence.example', 'evidence example'),
    'without an origin': TEXT.replace(`${STATEMENT.origin}\n`, '\n'),
  };
  for (const [fault, text] of Object.entries(refused)) {
    it(`a text ${fault} is no statement`, () => {
      assert.notEqual(text, TEXT);
      assert.equal(parseStatement('report', text), null);
    });
  }
});
