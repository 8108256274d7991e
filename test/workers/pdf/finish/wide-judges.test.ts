// PDFs of reports over many sessions before judges from outside: veraPDF and poppler.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { composeWideReport } from '../../../../shared/reports/compose-wide.ts';
import type { WindowFacts } from '../../../../shared/reports/window-facts.ts';
import { WIDE_SECTION_TITLES } from '../../../../workers/pdf/document/compose-document.ts';
import { readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import { readPdfWithin } from '../../../../workers/pdf/finish/read-pdf-within.ts';
import { WITH_CHROMIUM } from '../../../support/chromium.ts';
import { loggedWindow } from '../../../support/evidence-facts.ts';
import { checkAccessibility, runPoppler, storePdf } from '../../../support/pdf-tools.ts';
import { createTestRenderer, printable, WIDE_ATTACHMENTS } from '../../../support/pdfs.ts';
import { IN_LONG_RUNS } from '../../../support/rounds.ts';
import { crowdedFacts, wideFacts } from '../../../support/wide-facts.ts';

const PAGES_AT_MOST = 40;

async function print(t: TestContext, ...windows: WindowFacts[]) {
  const renderer = await createTestRenderer(t);
  const files: { file: string; json: Uint8Array }[] = [];
  for (const facts of windows) {
    const composed = composeWideReport(facts);
    assert.ok(composed.ok, composed.ok ? '' : composed.problem);
    const json = Buffer.from(composed.json);
    const pdf = await renderer.render({ ...printable(json), attachments: WIDE_ATTACHMENTS }, t.signal);
    files.push({ file: await storePdf(t, pdf), json });
  }
  return files;
}

const KINDS = [
  {
    title: 'empty, one session, 300 with exceptions',
    options: WITH_CHROMIUM,
    facts: () => [wideFacts(0), wideFacts(1), wideFacts(300, 3)],
  },
  {
    title: '10,000 sessions on at most 40 pages, also where every table is full',
    options: { skip: WITH_CHROMIUM.skip || IN_LONG_RUNS.skip },
    facts: () => Promise.all([wideFacts(10_000), crowdedFacts()].map(loggedWindow)),
  },
];
for (const { title, options, facts } of KINDS) {
  test(`reports over many sessions pass PDF/UA-1: ${title}`, options, async (t) => {
    const printed = await print(t, ...(await facts()));
    const problems = await checkAccessibility(
      t,
      printed.map(({ file }) => file),
    );
    if (problems !== null) assert.equal(problems, '');
    for (const { file, json } of printed) {
      const reading = await readPdfWithin(await readFile(file));
      assert.ok(reading.ok, reading.ok ? '' : reading.problem);
      assert.equal(Buffer.compare(reading.json, json), 0);
      assert.match(
        reading.attachmentName,
        /^masker-account-acc_01KQGDBJ0084G7ZWYRD6Z1RV0W-2026-09(-01-to-2026-11-02)?\.json$/,
      );
      const info = await runPoppler(t, 'pdfinfo', [file]);
      const pages = Number(/^Pages: +(\d+)$/m.exec(info ?? '')?.[1] ?? 0);
      t.diagnostic(`${pages} pages`);
      assert.ok(pages <= PAGES_AT_MOST, `${pages} pages`);
    }
  });
}

test(
  'a reader finds total, coverage, exceptions and verdict on the first two pages, and every section by its bookmark',
  WITH_CHROMIUM,
  async (t) => {
    const [made] = await print(t, wideFacts(300, 3));
    const { file } = made as { file: string };
    const front = await runPoppler(t, 'pdftotext', ['-layout', '-l', '2', file, '-']);
    if (front === null) return;
    assert.match(front, /3 of 300 logs failed verification; 1 of 300 could not be checked/);
    assert.match(front, /Sessions\s+296/);
    assert.match(front, /9 of 17 applicable identifiers fully covered/);
    assert.match(front, /3 partial, 5\s+none/);
    assert.match(front, /exceptions/);
    assert.match(front, /8,880/);
    const { others } = await readPdfText(await readFile(file));
    const bookmarks = others.filter(({ place }) => place === 'outline').map((other) => other.text);
    for (const title of WIDE_SECTION_TITLES) assert.ok(bookmarks.includes(title), title);
  },
);
