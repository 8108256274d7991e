import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PDFHexString, PDFName, StandardFonts } from '@cantoo/pdf-lib';
import type { Attachment } from '../../../../shared/reports/attachments.ts';
import { composeReport } from '../../../../shared/reports/compose-report.ts';
import { finishPdf } from '../../../../workers/pdf/finish/finish-pdf.ts';
import { readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import { scanPdf } from '../../../../workers/pdf/finish/scan-pdf.ts';
import { WITH_CHROMIUM } from '../../../support/chromium.ts';
import { loggedFacts } from '../../../support/evidence-facts.ts';
import {
  blankPdf,
  createTestRenderer,
  jsonOf,
  longFacts,
  printable,
  SESSION_ATTACHMENTS,
} from '../../../support/pdfs.ts';
import { draftOf } from '../../../support/report-documents.ts';
import { factsOf, HASH_HEX, LOGGING_POLICY, listedEvent, payloadsOf } from '../../../support/report-facts.ts';

const JSON_BYTES = jsonOf(factsOf());
const { facts: FACTS } = draftOf(JSON_BYTES);

/** The hits in a PDF of the report with this JSON. */
async function scan(pdf: Uint8Array, originals: readonly string[] = [], json = JSON_BYTES) {
  const text = await readPdfText(pdf);
  return scanPdf(text, { ...draftOf(json), reportJson: json, attachments: [], originals });
}

/** What is found in a PDF whose first page bears these lines. */
async function scanLines(lines: readonly string[], originals: readonly string[] = [], json = JSON_BYTES) {
  const printed = await blankPdf(1, (pdf) => {
    const font = pdf.embedStandardFont(StandardFonts.Helvetica);
    const [page] = pdf.getPages();
    for (const [line, text] of lines.entries()) page?.drawText(text, { x: 40, y: 800 - 20 * line, font });
  });
  return await scan(await finishPdf(printed, FACTS, json, [], '1'), originals, json);
}

test('finds what may be PHI on a page, and names page and shape, never the value', async () => {
  assert.deepEqual(await scanLines(['call 212-555-0147']), [{ field: 'page 1', shape: 'phone number' }]);
  assert.deepEqual(await scanLines(['123-45-6789']), [{ field: 'page 1', shape: 'SSN' }]);
  assert.deepEqual(await scanLines(['4111 1111 1111 1111']), [{ field: 'page 1', shape: 'card number' }]);
  assert.deepEqual(await scanLines(['m@example.org']), [{ field: 'page 1', shape: 'e-mail address' }]);
});

test('finds a number that a line break cuts', async () => {
  assert.deepEqual(await scanLines(['call 212-55', '5-0147']), [{ field: 'page 1', shape: 'phone number' }]);
});

test("finds the session's originals, but not words of ours that are the same", async () => {
  const originals = ['Maria Alvarez', 'Merkle root', '2026'];
  assert.deepEqual(await scanLines(['for Maria  Alvarez', 'Merkle root', '2026'], originals), [
    { field: 'page 1', shape: 'original text of the session' },
  ]);
  assert.deepEqual(await scanLines(['Merkle root', '2026'], originals), []);
});

test("ignores the report's own digests and ids, in whatever groups they are printed", async () => {
  const digits = '1234567890123456789012345678901234567890123456789012345678901234';
  const facts = factsOf({ verdict: { rootHex: digits } });
  const json = jsonOf(facts);
  const grouped = digits.match(/.{4}/g) as string[];
  const lines = [digits, grouped.slice(0, 8).join(' '), grouped.slice(8).join(' '), facts.id];
  assert.deepEqual(await scanLines(lines, [], json), []);
});

test('searches a digest that the report does not hold', async () => {
  const hits = await scanLines(['4111 1111 1111 1111', HASH_HEX]);
  assert.deepEqual(hits, [{ field: 'page 1', shape: 'card number' }]);
});

test('finds a phone number in metadata', async () => {
  const facts = { ...FACTS, title: 'Report for 212-555-0147' };
  const pdf = await finishPdf(await blankPdf(), facts, JSON_BYTES, [], '1');
  assert.deepEqual(await scan(pdf), [
    { field: 'document information Title', shape: 'phone number' },
    { field: 'XMP metadata', shape: 'phone number' },
  ]);
});

test('finds a phone number in a bookmark', async () => {
  const printed = await blankPdf(1, (pdf) => {
    const { context } = pdf;
    const outline = context.nextRef();
    const title = PDFHexString.fromText('Report for 212-555-0147');
    const item = context.register(context.obj({ Title: title, Parent: outline }));
    context.assign(outline, context.obj({ Type: 'Outlines', First: item, Last: item, Count: 1 }));
    pdf.catalog.set(PDFName.of('Outlines'), outline);
  });
  const pdf = await finishPdf(printed, FACTS, JSON_BYTES, [], '1');
  assert.deepEqual(await scan(pdf), [{ field: 'outline', shape: 'phone number' }]);
});

test('finds an attachment that is not the report', async () => {
  const pdf = await finishPdf(await blankPdf(), FACTS, Buffer.from('{"name":"Maria"}'), [], '1');
  const [hit] = await scan(pdf);
  assert.equal(hit?.field, 'attachment');
});

test('finds a file beside the JSON that is another, missing or unasked for', async () => {
  const [note, entries] = SESSION_ATTACHMENTS as [Attachment, Attachment];
  const changed = { ...note, bytes: Buffer.from('changed') };
  const hitsOf = async (attached: readonly Attachment[], attachments: readonly Attachment[]) => {
    const pdf = await finishPdf(await blankPdf(), FACTS, JSON_BYTES, attached, '1');
    const text = await readPdfText(pdf);
    return scanPdf(text, { ...draftOf(JSON_BYTES), reportJson: JSON_BYTES, attachments, originals: [] });
  };
  assert.deepEqual(await hitsOf([note, entries], [entries, note]), []);
  for (const attached of [[changed, entries], [note], []]) {
    const [hit] = await hitsOf(attached, [note, entries]);
    assert.equal(hit?.field, 'attachment');
  }
  assert.equal((await hitsOf([note], []))[0]?.field, 'attachment');
});

test('PHI in kinds gets into no report', () => {
  const phi = '212-555-0147';
  const planted = [
    factsOf({ verdict: { events: [listedEvent(0, { entityKind: phi })] } }),
    factsOf({ verdict: { counts: { ...factsOf().verdict.counts, redactionsByKind: [[phi, 1]] } } }),
  ];
  for (const [index, facts] of planted.entries()) {
    const composed = composeReport(facts);
    assert.equal(composed.ok, false, `planted ${index}`);
    assert.doesNotMatch(composed.ok ? '' : composed.problem, /0147/);
  }
});

test('finds nothing in honest reports', WITH_CHROMIUM, async (t) => {
  const renderer = await createTestRenderer(t);
  const originals = ['Maria Alvarez', 'record', 'phone', '2026', 'page 1'];
  const logging = factsOf({ policyText: LOGGING_POLICY, payloads: payloadsOf('Maria Alvarez', 'Bob Smith') });
  for (const facts of [factsOf(), longFacts(), logging, await loggedFacts()]) {
    const json = jsonOf(facts);
    const pdf = await renderer.render(printable(json), t.signal);
    assert.deepEqual(await scan(pdf, originals, json), []);
  }
});

test("finds the session's originals where another's text got into the pages", WITH_CHROMIUM, async (t) => {
  const renderer = await createTestRenderer(t);
  const json = jsonOf(factsOf({ verdict: { events: [listedEvent(0, { entityKind: 'Orla Quill' })] } }));
  const pdf = await renderer.render(printable(json), t.signal);
  const [hit] = await scan(pdf, ['orla quill'], json);
  assert.equal(hit?.shape, 'original text of the session');
  assert.deepEqual(await scan(pdf, ['Riverside Clinic'], json), []);
});

test('takes the kinds of two cells, or of a list, for no name and no number', WITH_CHROMIUM, async (t) => {
  const kinds = ['ALVAREZ', 'MARIA', '212', '555', '0147'];
  const events = kinds.map((entityKind, seq) => listedEvent(seq, { entityKind }));
  const { counts } = factsOf().verdict;
  const redactionsByKind = kinds.toSorted().map((kind) => [kind, 1] as const);
  const facts = factsOf({ verdict: { events, counts: { ...counts, redactionsByKind } } });
  const json = jsonOf(facts);
  const renderer = await createTestRenderer(t);
  const pdf = await renderer.render(printable(json), t.signal);
  assert.deepEqual(await scan(pdf, ['Maria Alvarez', 'Alvarez, Maria'], json), []);
});
