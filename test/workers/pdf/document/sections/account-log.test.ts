import assert from 'node:assert/strict';
import { test } from 'node:test';
import decodeQr from 'qr/decode.js';
import { composeWideReport } from '../../../../../shared/reports/compose-wide.ts';
import { parseCheckpoint } from '../../../../../shared/transparency/checkpoint.ts';
import { isSignedBy, parseNote } from '../../../../../shared/transparency/note.ts';
import { parseVerifierKey } from '../../../../../shared/transparency/verifier-key.ts';
import { loggedFacts, loggedWindow } from '../../../../support/evidence-facts.ts';
import { documentOf, draftOf, REPORT_KINDS, textOf } from '../../../../support/report-documents.ts';
import { wideFacts } from '../../../../support/wide-facts.ts';

const LOGGED = documentOf(REPORT_KINDS['in the account log']);
const { evidence: EVIDENCE } = await loggedFacts();
const coverOf = (markup: string) => markup.split('</header>')[0] as string;

/** Reads the QR code of a page as a camera would, from its dark modules. */
function scanQr(markup: string): string {
  const [, size, path] = /<svg class="qr".*?viewBox="0 0 (\d+) .*?<path d="(.*?)"/s.exec(markup) ?? [];
  const scale = 4;
  const width = Number(size) * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, run] of path?.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g) ?? []) {
    for (let row = 0; row < scale; row += 1) {
      const begin = (Number(y) * scale + row) * width + Number(x) * scale;
      for (let at = begin; at < begin + Number(run) * scale; at += 1) data.fill(0, at * 4, at * 4 + 3);
    }
  }
  return decodeQr({ data, width, height: width });
}

test('the QR code on the cover holds the checkpoint, signed by the key that the report names', () => {
  const note = parseNote(scanQr(coverOf(LOGGED)));
  assert.ok(note && EVIDENCE);
  const checkpoint = parseCheckpoint(note.text);
  assert.deepEqual([checkpoint?.origin, checkpoint?.size], [EVIDENCE.origin, EVIDENCE.logSize]);
  const key = parseVerifierKey(EVIDENCE.verifierKey);
  assert.ok(key && isSignedBy(note, key));
});

test('the QR code leaves out the signatures of witnesses, so that it can be printed', async () => {
  const line = `\u2014 witness.example.org/w1 ${Buffer.alloc(76, 7).toString('base64')}\n`;
  const { evidence } = await loggedFacts();
  assert.ok(evidence);
  const checkpoint = evidence.checkpoint + line.repeat(8);
  const markup = documentOf({ evidence: { ...evidence, checkpoint }, evidenceMissing: null });
  assert.equal(scanQr(coverOf(markup)), evidence.checkpoint);
});

test('the cover says beside the QR code what it holds, and so does its alternative text', () => {
  const cover = coverOf(LOGGED);
  const text = textOf(cover);
  const keyId = EVIDENCE?.verifierKey.split('+')[1] as string;
  const root = EVIDENCE?.checkpoint.split('\n')[2] as string;
  for (const part of [EVIDENCE?.origin as string, keyId, root]) assert.ok(text.includes(part), part);
  const [, alternative] = /<svg class="qr" role="img" aria-label="([^"]*)"/.exec(cover) ?? [];
  assert.equal(
    textOf(alternative as string),
    `QR code of the checkpoint of ${EVIDENCE?.origin}: 5 entries, root ${root}`,
  );
});

test('a report without evidence has no QR code, and its cover says why', () => {
  for (const [evidenceMissing, why] of [
    ['open', 'the session is open'],
    ['not logged yet', 'no checkpoint covers an entry'],
    ['no log', 'keeps no account log'],
  ] as const) {
    const markup = documentOf({ evidenceMissing });
    assert.ok(!markup.includes('class="qr"'));
    assert.ok(textOf(coverOf(markup)).includes(why), why);
  }
});

test('the verifiers come first in how to check, and the key is never printed whole', () => {
  const [, section] = textOf(LOGGED).split('How to check this report');
  assert.ok(section);
  assert.ok(section.indexOf('verify.html') < section.indexOf('pdfdetach'));
  assert.match(section, /by another way than this report/);
  assert.ok(section.includes(`It begins with ${EVIDENCE?.verifierKey.replace(/[^+]*$/, '')}.`));
  assert.ok(!textOf(LOGGED).includes(EVIDENCE?.verifierKey as string));
});

test('a report over many sessions names the log, its entries about the window, and the sessions that are gone', async () => {
  const facts = await loggedWindow(wideFacts(12));
  assert.ok(facts.accountLog);
  const missing = Array.from(
    { length: 12 },
    (_, i) => `sess_01KQGDBJ00H0R8DV3YQC0099${String(i).padStart(2, '0')}`,
  );
  const composed = composeWideReport({
    ...facts,
    accountLog: { ...facts.accountLog, missing, entriesInWindow: 24 },
  });
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  const text = textOf(draftOf(Buffer.from(composed.json)).html).replace(/\s+/g, ' ');
  assert.match(text, /Entries about the window ?24/);
  assert.match(text, /Not stored any more ?12: sess_01KQGDBJ00H0R8DV3YQC009900, /);
  assert.match(text, /and 2 more in the attached JSON/);
  assert.match(text, /Audit logs ?12 sessions of the account log missing\./);
  assert.match(text, /12 sessions missing\W+Closed in this window by the account log/);
  assert.match(text, /are not stored any more in it: they were deleted, or moved out of the window/);
});
