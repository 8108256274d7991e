import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { SIGN_NOTHING, type Stated } from '../../../shared/transparency/statement-signer.ts';
import type { MadeReport } from '../../../workers/reports/report-orders.ts';
import { signPdf, signReport } from '../../../workers/reports/sign-report.ts';

const ENTRIES = { name: 'entries.ndjson', bytes: Buffer.from('{}\n') } as const;

const MADE: MadeReport = {
  id: 'rep_01KQN89WGRBPJ4AAGAHJXMZY71',
  generatedAt: new Date('2026-05-03T21:30:11.000Z'),
  rootHex: 'ab'.repeat(32),
  size: 3,
  logState: 'sealed',
  since: new Date('2026-05-03T21:00:00Z'),
  until: null,
  json: Buffer.from('{}'),
  jsonSha256Hex: 'cd'.repeat(32),
  draft: null,
  attachments: [ENTRIES],
};

test('the statement is over the id, the digest of the JSON, and the time as the JSON has it', async () => {
  const asked: [string, Stated][] = [];
  const { statement, attachments } = await signReport(
    async (accountId, stated) => {
      asked.push([accountId, stated]);
      return 'a note\n';
    },
    'acc_1',
    MADE,
  );
  const { id: reportId, jsonSha256Hex: sha256Hex } = MADE;
  assert.deepEqual(asked, [
    ['acc_1', { subject: 'report', reportId, sha256Hex, generatedAt: '2026-05-03T21:30:11Z' }],
  ]);
  assert.equal(statement, 'a note\n');
  assert.deepEqual(
    attachments.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
    [
      ['entries.ndjson', '{}\n'],
      ['report.note', 'a note\n'],
    ],
  );
});

test('without a signing key there is no statement, and the other attachments stay', async () => {
  const signed = await signReport(SIGN_NOTHING, 'acc_1', MADE);
  assert.deepEqual(signed, { statement: null, attachments: [ENTRIES] });
});

test('the digest of the PDF is under a statement of its own, with the same id and time', async () => {
  const asked: [string, Stated][] = [];
  const pdf = Buffer.from('%PDF-1.7');
  const signed = await signPdf(
    async (accountId, stated) => {
      asked.push([accountId, stated]);
      return 'a note\n';
    },
    'acc_1',
    MADE,
    pdf,
  );
  const sha256Hex = hash('sha256', pdf);
  const generatedAt = '2026-05-03T21:30:11Z';
  assert.deepEqual(asked, [['acc_1', { subject: 'pdf', reportId: MADE.id, sha256Hex, generatedAt }]]);
  assert.deepEqual(signed, { pdfSha256Hex: sha256Hex, pdfStatement: 'a note\n' });
});

test('without a PDF nothing is signed over one, and without a signing key its digest is kept alone', async () => {
  const never = () => assert.fail('something is signed');
  assert.deepEqual(await signPdf(never, 'acc_1', MADE, null), { pdfSha256Hex: null, pdfStatement: null });
  const pdf = Buffer.from('%PDF-1.7');
  const unsigned = await signPdf(SIGN_NOTHING, 'acc_1', MADE, pdf);
  assert.deepEqual(unsigned, { pdfSha256Hex: hash('sha256', pdf), pdfStatement: null });
});
