// Finished reports before judges from outside: veraPDF and poppler.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Attachment } from '../../../../shared/reports/attachments.ts';
import type { ReportFacts } from '../../../../shared/reports/report-facts.ts';
import { SECTION_TITLES } from '../../../../workers/pdf/document/compose-document.ts';
import { readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import { WITH_CHROMIUM } from '../../../support/chromium.ts';
import { loggedFacts } from '../../../support/evidence-facts.ts';
import { NAMES } from '../../../support/names.ts';
import { checkAccessibility, runPoppler, storePdf } from '../../../support/pdf-tools.ts';
import {
  blankPdf,
  createTestRenderer,
  emptyFacts,
  jsonOf,
  longFacts,
  printable,
  SESSION_ATTACHMENTS,
} from '../../../support/pdfs.ts';
import { REPORT_KINDS } from '../../../support/report-documents.ts';
import { factsOf, LOGGING_POLICY, payloadsOf } from '../../../support/report-facts.ts';

const LOGGING = factsOf({
  policyText: LOGGING_POLICY,
  payloads: payloadsOf('Maria Alvarez', 'Bob Smith'),
});

const NAMED = factsOf({ baaChainText: NAMES.join('\n') });

const UNSEALED = factsOf(REPORT_KINDS['of an unsealed log with anchors']);

async function printed(
  t: TestContext,
  facts: ReportFacts,
  attachments: readonly Attachment[] = [],
): Promise<{ file: string; json: Uint8Array }> {
  const renderer = await createTestRenderer(t);
  const json = jsonOf(facts);
  const pdf = await renderer.render({ ...printable(json), attachments }, t.signal);
  return { file: await storePdf(t, pdf), json };
}

test(
  'reports pass PDF/UA-1: empty, typical, long, with payload logging, unsealed with anchors, with names in many scripts, in the account log with every attachment',
  WITH_CHROMIUM,
  async (t) => {
    const files: string[] = [];
    for (const facts of [emptyFacts(), factsOf(), longFacts(), LOGGING, UNSEALED, NAMED]) {
      files.push((await printed(t, facts)).file);
    }
    files.push((await printed(t, await loggedFacts(), SESSION_ATTACHMENTS)).file);
    const problems = await checkAccessibility(t, files);
    if (problems !== null) assert.equal(problems, '');
  },
);

test('veraPDF refuses a PDF that is not accessible', async (t) => {
  const problems = await checkAccessibility(t, [await storePdf(t, await blankPdf())]);
  if (problems !== null) assert.match(problems, /FAIL/);
});

test('poppler finds pages, tags, title and no way to act', WITH_CHROMIUM, async (t) => {
  const { file } = await printed(t, longFacts());
  const info = await runPoppler(t, 'pdfinfo', [file]);
  if (info === null) return;
  const value = (name: string) => new RegExp(`^${name}: +(.*)$`, 'm').exec(info)?.[1];
  assert.ok(Number(value('Pages')) > 10);
  assert.equal(value('Tagged'), 'yes');
  assert.equal(value('Encrypted'), 'no');
  assert.equal(value('JavaScript'), 'no');
  assert.match(value('Title') ?? '', /^Compliance report of session sess_/);
  assert.match(value('Page size') ?? '', /A4/);
});

test('poppler finds a bookmark and the text of every section', WITH_CHROMIUM, async (t) => {
  const { file } = await printed(t, LOGGING);
  const text = await runPoppler(t, 'pdftotext', ['-layout', file, '-']);
  const structure = await runPoppler(t, 'pdfinfo', ['-struct-text', file]);
  if (text === null || structure === null) return;
  const { others } = await readPdfText(await readFile(file));
  const bookmarks = others.filter(({ place }) => place === 'outline').map((other) => other.text);
  assert.ok(SECTION_TITLES.length >= 12);
  for (const title of SECTION_TITLES) {
    assert.ok(text.includes(title), title);
    assert.ok(structure.includes(`"${title}"`), title);
    assert.ok(bookmarks.includes(title), title);
  }
  const pages = text.split('\f').length - 1;
  for (let page = 1; page <= pages; page += 1) assert.ok(text.includes(`page ${page} of ${pages}`));
});

test('pages have the fonts of Noto and no other, and every name', WITH_CHROMIUM, async (t) => {
  const { file } = await printed(t, NAMED);
  const fonts = await runPoppler(t, 'pdffonts', [file]);
  const text = await runPoppler(t, 'pdftotext', [file, '-']);
  if (fonts === null || text === null) return;
  const names = fonts.split('\n').slice(2, -1);
  assert.ok(names.length > 20);
  for (const name of names) assert.match(name, /^[A-Z]{6}\+NotoSans\w*-(?:Regular|Bold) .* yes yes yes /);
  // Poppler has no spaces within some scripts and adds them within others, and marks the direction of text.
  const squeeze = (value: string) => value.normalize('NFC').replace(/[\s\u202a-\u202e]|\u200c|\u200d/g, '');
  const found = squeeze(text);
  const bidi = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Thaana}]/u;
  for (const name of NAMES.filter((name) => !bidi.test(name))) assert.ok(found.includes(squeeze(name)), name);
  assert.doesNotMatch(text, /‹U\+(?!202E)|\ufffd/);
});

test('poppler takes out each attachment, byte for byte', WITH_CHROMIUM, async (t) => {
  const { file, json } = await printed(t, factsOf(), SESSION_ATTACHMENTS);
  const listed = await runPoppler(t, 'pdfdetach', ['-list', file]);
  if (listed === null) return;
  assert.match(
    listed,
    /^3 embedded files\n1: entries\.ndjson\n2: masker-session-sess_\w{26}\.json\n3: report\.note$/m,
  );
  const [note, entries] = SESSION_ATTACHMENTS.map(({ bytes }) => Buffer.from(bytes));
  for (const [index, bytes] of [entries, Buffer.from(json), note].entries()) {
    const target = join(dirname(file), `taken-${index}`);
    await runPoppler(t, 'pdfdetach', ['-save', `${index + 1}`, '-o', target, file]);
    assert.deepEqual(await readFile(target), bytes);
  }
});
