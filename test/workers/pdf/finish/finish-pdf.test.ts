import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { PDFDict, PDFDocument, PDFName, PDFRawStream, PDFString } from '@cantoo/pdf-lib';
import type { Attachment } from '../../../../shared/reports/attachments.ts';
import { finishPdf } from '../../../../workers/pdf/finish/finish-pdf.ts';
import { readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import { blankPdf, finishBlank, PDF_FACTS, SESSION_ATTACHMENTS } from '../../../support/pdfs.ts';

const JSON_BYTES = Buffer.from('{"report":{}}');

test('gives the same bytes in another process, at another time', async () => {
  const here = hash('sha256', await finishBlank(JSON_BYTES));
  const module = new URL('../../../support/pdfs.ts', import.meta.url).href;
  const script = `
    import { hash } from 'node:crypto';
    import { finishBlank } from '${module}';
    console.log(hash('sha256', await finishBlank(Buffer.from('{"report":{}}'))));`;
  const args = ['--input-type=module-typescript', '--eval', script];
  const there = execFileSync(process.execPath, args, { encoding: 'utf8', env: { TZ: 'Asia/Tokyo' } });
  assert.equal(there.trim(), here);
});

test('holds no date but that of the report', async () => {
  const text = Buffer.from(await finishBlank(JSON_BYTES)).toString('latin1');
  const dates = new Set(text.match(/D:\d{14}|\d{4}-\d\d-\d\dT[\d:.]+Z/g));
  assert.deepEqual([...dates].sort(), ['2026-05-03T21:30:11Z', 'D:20260503213011']);
});

test('says in the foot of every page which report it is of, and which page of how many', async () => {
  const { pages } = await readPdfText(await finishBlank(JSON_BYTES));
  const feet = pages.map(({ pieces }) => pieces.join('').replace(/\s+/g, ' ').trim());
  assert.deepEqual(
    feet,
    [1, 2].map((page) => `${PDF_FACTS.reportId} root f3a2 f3a2 f3a2 f3a2 page ${page} of 2`),
  );
});

test('states title, language, dates and origin', async () => {
  const { others } = await readPdfText(await finishBlank(JSON_BYTES));
  const told = new Map(others.map(({ place, text }) => [place, text]));
  const info = (name: string) => told.get(`document information ${name}`);
  assert.equal(info('Title'), 'Compliance report');
  assert.equal(info('Language'), 'en');
  assert.equal(info('Creator'), 'Chromium 156.0.8078.79');
  assert.match(info('Producer') ?? '', /^masker-evidence \d+\.\d+\.\d+$/);
  assert.equal(info('CreationDate'), 'D:20260503213011Z');
  const xmp = told.get('XMP metadata') ?? '';
  for (const part of [
    '<pdfuaid:part>1</pdfuaid:part>',
    '<rdf:li xml:lang="x-default">Compliance report</rdf:li>',
    '<xmp:CreatorTool>Chromium 156.0.8078.79</xmp:CreatorTool>',
    '<xmp:ModifyDate>2026-05-03T21:30:11Z</xmp:ModifyDate>',
  ]) {
    assert.ok(xmp.includes(part), part);
  }
});

test('attaches the JSON byte for byte', async () => {
  const json = Buffer.from('{"report":{"name":"K\u00f6ln \u65e5\u672c"}}');
  const { attachments } = await readPdfText(await finishBlank(json));
  assert.deepEqual(
    attachments.map(({ bytes }) => Buffer.from(bytes)),
    [json],
  );
});

test('attaches every file beside the JSON by its name, in the order of names, with its media type and relationship', async () => {
  const bytes = await finishBlank(JSON_BYTES, undefined, SESSION_ATTACHMENTS);
  const { attachments } = await readPdfText(bytes);
  const names = attachments.map(({ name }) => name);
  assert.deepEqual(names, ['entries.ndjson', PDF_FACTS.attachmentName, 'report.note']);
  const text = Buffer.from(bytes).toString('latin1');
  const facts = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, value]) => value);
  assert.deepEqual(facts(/\/AFRelationship \/(\w+)/g), ['Source', 'Data', 'Supplement']);
  assert.deepEqual(facts(/\/Subtype \/((?:text|application)#2F[\w-]+)/g), [
    'application#2Fx-ndjson',
    'application#2Fjson',
    'text#2Fplain',
  ]);
});

test('gives the same bytes in whatever order the attachments come', async () => {
  const digests = [SESSION_ATTACHMENTS, SESSION_ATTACHMENTS.toReversed()].map(async (attachments) =>
    hash('sha256', await finishBlank(JSON_BYTES, undefined, attachments)),
  );
  const [first, second] = await Promise.all(digests);
  assert.equal(first, second);
});

test('attaches no file of another name, and none twice', async () => {
  const [note] = SESSION_ATTACHMENTS as [Attachment];
  const other = { ...note, name: 'readme.txt' } as unknown as Attachment;
  for (const attachments of [[other], [note, note]]) {
    await assert.rejects(finishBlank(JSON_BYTES, undefined, attachments), /attachment/);
  }
});

test('escapes markup in a title', async () => {
  const facts = { ...PDF_FACTS, title: '</dc:title><&"\u202e' };
  const { others } = await readPdfText(await finishPdf(await blankPdf(), facts, JSON_BYTES, [], '1'));
  const xmp = others.find(({ place }) => place === 'XMP metadata')?.text ?? '';
  assert.ok(xmp.includes('&lt;/dc:title&gt;&lt;&amp;&quot;'));
});

test('refuses bytes that are no PDF', async () => {
  await assert.rejects(finishPdf(Buffer.from('<html>'), PDF_FACTS, JSON_BYTES, [], '1'));
});

/** A table of two heads and a cell that refers to them, with these numbers of nodes. */
function tableOf(numbers: readonly [number, number]) {
  return ({ context, catalog }: PDFDocument) => {
    const [first, second] = numbers.map((number) => PDFString.of(`node${String(number).padStart(8, '0')}`));
    const heads = [first, second].map((ID) =>
      context.register(context.obj({ Type: 'StructElem', S: 'TH', ID })),
    );
    const cell = context.register(
      context.obj({ Type: 'StructElem', S: 'TD', A: [{ O: 'Table', Headers: [first, second] }] }),
    );
    const leaves = [0, 1].map((index) =>
      context.register(
        context.obj({ Limits: [first, first], Names: [[first, second][index], heads[index]] }),
      ),
    );
    const root = context.obj({ Type: 'StructTreeRoot', K: [...heads, cell], IDTree: { Kids: leaves } });
    catalog.set(PDFName.of('StructTreeRoot'), context.register(root));
  };
}

test('gives the same bytes whatever numbers Chromium gave to its nodes', async () => {
  const digestOf = async (numbers: readonly [number, number]) =>
    hash('sha256', await finishBlank(JSON_BYTES, tableOf(numbers)));
  const digest = await digestOf([23, 26]);
  assert.equal(await digestOf([24, 27]), digest);
  assert.equal(await digestOf([31, 7]), digest);
  const text = Buffer.from(await finishBlank(JSON_BYTES, tableOf([31, 7]))).toString('latin1');
  assert.match(text, /\/Headers \[ \(node00000001\) \(node00000002\) \]/);
  assert.match(text, /\/Names \[ \(node00000001\) (\d+) 0 R \(node00000002\) \d+ 0 R \]/);
});

test('gives the character for unknown ones to a glyph that Chromium gave none', async () => {
  const map =
    '1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n2 beginbfchar\n<0041> <0061>\n<00A2> <0000>\n';
  const bytes = await finishBlank(JSON_BYTES, ({ context }) => {
    const font = { Type: 'Font', ToUnicode: context.register(context.flateStream(map)) };
    context.register(context.obj(font));
  });
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
  const maps = pdf.context.enumerateIndirectObjects().flatMap(([, object]) => {
    const isFont = object instanceof PDFDict && object.get(PDFName.of('Type')) === PDFName.of('Font');
    const stream = isFont && object.lookup(PDFName.of('ToUnicode'));
    return stream instanceof PDFRawStream ? [inflateSync(stream.contents).toString()] : [];
  });
  assert.ok(maps.includes(map.replace('<00A2> <0000>', '<00A2> <FFFD>')));
});
