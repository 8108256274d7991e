// Finished reports before judges from outside: veraPDF and poppler.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ReportFacts } from '../../../../shared/reports/report-facts.ts';
import { SECTION_TITLES } from '../../../../workers/pdf/document/compose-document.ts';
import { readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import { WITH_CHROMIUM } from '../../../support/chromium.ts';
import { checkAccessibility, runPoppler, storePdf } from '../../../support/pdf-tools.ts';
import {
  blankPdf,
  createTestRenderer,
  emptyFacts,
  jsonOf,
  longFacts,
  printable,
} from '../../../support/pdfs.ts';
import { REPORT_KINDS } from '../../../support/report-documents.ts';
import { factsOf, LOGGING_POLICY, payloadsOf } from '../../../support/report-facts.ts';

const LOGGING = factsOf({
  policyText: LOGGING_POLICY,
  payloads: payloadsOf('Maria Alvarez', 'Bob Smith'),
});

const UNSEALED = factsOf(REPORT_KINDS['of an unsealed log with anchors']);

async function printed(t: TestContext, facts: ReportFacts): Promise<{ file: string; json: Uint8Array }> {
  const renderer = await createTestRenderer(t);
  // A script for which the machine has no font cannot pass: the facts' own name has characters of Han.
  const json = jsonOf({ ...facts, agent: { ...facts.agent, name: 'Köln Empfang' } });
  return { file: await storePdf(t, await renderer.render(printable(json), t.signal)), json };
}

test(
  'reports pass PDF/UA-1: empty, typical, of 5,000 entries, with payload logging, unsealed with anchors',
  WITH_CHROMIUM,
  async (t) => {
    const files: string[] = [];
    for (const facts of [emptyFacts(), factsOf(), longFacts(), LOGGING, UNSEALED]) {
      files.push((await printed(t, facts)).file);
    }
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
  assert.ok(Number(value('Pages')) > 20);
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

test('poppler takes out the attachment, byte for byte', WITH_CHROMIUM, async (t) => {
  const { file, json } = await printed(t, factsOf());
  const target = join(dirname(file), 'taken.json');
  const listed = await runPoppler(t, 'pdfdetach', ['-list', file]);
  if (listed === null) return;
  assert.match(listed, /^1 embedded files\n1: masker-session-sess_\w{26}\.json$/m);
  await runPoppler(t, 'pdfdetach', ['-save', '1', '-o', target, file]);
  assert.deepEqual(await readFile(target), Buffer.from(json));
});
