// The pages as a reader gets them: how many, what the first one says, and that no name pushes it apart.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Paper } from '../../../../shared/reports/paper.ts';
import type { ReportFacts } from '../../../../shared/reports/report-facts.ts';
import { type PdfText, readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import type { PdfRenderer } from '../../../../workers/pdf/pdf.ts';
import { WITH_CHROMIUM } from '../../../support/chromium.ts';
import { loggedFacts } from '../../../support/evidence-facts.ts';
import { runPoppler, storePdf } from '../../../support/pdf-tools.ts';
import { createTestRenderer, factsOfSize, jsonOf, printable } from '../../../support/pdfs.ts';
import { LOGGING_POLICY, payloadsOf } from '../../../support/report-facts.ts';

const PAPERS = ['a4', 'letter'] as const;

/** All in the account log, whose checkpoint is on the first page. */
const { evidence, evidenceMissing } = await loggedFacts();
const LOGGED = { evidence, evidenceMissing };
const WIDE_WORD = 'W'.repeat(3000);

describe('the pages of a report', WITH_CHROMIUM, () => {
  const releases: (() => Promise<void>)[] = [];
  let renderer: PdfRenderer;
  before(async () => {
    renderer = await createTestRenderer({ after: releases.push.bind(releases) } as unknown as TestContext);
  });
  after(async () => {
    for (const release of releases) await release();
  });
  const print = (facts: ReportFacts, paper?: Paper) =>
    renderer.render(printable(jsonOf(facts), paper), new AbortController().signal);
  const textOf = async (facts: ReportFacts, paper?: Paper) => await readPdfText(await print(facts, paper));

  test('a report on ten entries has at most six pages, one on 20,000 at most 16', async (t) => {
    const payloads = payloadsOf(...Array.from({ length: 30 }, (_, i) => `Jane Roe the ${i}th of that name`));
    for (const paper of PAPERS) {
      const short = (await textOf(factsOfSize(10, LOGGED), paper)).pages.length;
      const long = factsOfSize(20_000, { ...LOGGED, policyText: LOGGING_POLICY, payloads });
      const pages = (await textOf(long, paper)).pages.length;
      t.diagnostic(`${paper}: ${short} and ${pages} pages`);
      assert.ok(short <= 6, `${short} pages on ${paper}`);
      assert.ok(pages <= 16, `${pages} pages on ${paper}`);
    }
  });

  test('the first page says verdict, alerts, coverage and who asked', async () => {
    const { pages } = await textOf(factsOfSize(10, { ...LOGGED, verdict: { state: 'unsealed' } }));
    const first = wordsOf(pages[0]);
    for (const words of [
      'Report issued to Ada Auditor',
      'Audit log: verified, but unsealed: its tail may have been cut.',
      '2: Log unsealed; Logging incomplete.',
      '9 of 17 applicable identifiers fully covered',
      '2026-05-02 21:07:54.520 UTC to 2026-05-02 21:07:55 UTC, 0.48 s',
      'Key id',
    ])
      assert.ok(first.includes(words), `${words}\n${first}`);
  });

  test('names of any length leave the first page whole, and stand in full behind it', async () => {
    const facts = factsOfSize(10, {
      ...LOGGED,
      account: { id: factsOfSize(1).account.id, name: WIDE_WORD },
      agent: { id: factsOfSize(1).agent.id, name: 'The Desk of Many Words '.repeat(100) },
      issuedTo: { id: 'u'.repeat(200), name: '\u65e5'.repeat(500) },
      session: { upstreamModel: '\u65e5'.repeat(500), externalId: 'M'.repeat(256) },
      verdict: { state: 'unsealed', keyId: 'k'.repeat(500), policyReloads: [3, 4] },
    });
    for (const paper of PAPERS) {
      const { pages } = await textOf(facts, paper);
      assert.match(wordsOf(pages[0]), /Key id/);
      assert.match(wordsOf(pages[1]), /^1\. Executive summary/);
      // A name may go on behind the foot of a page.
      assert.ok(pages.map(wordsOf).join('').split('W').length > WIDE_WORD.length, paper);
    }
  });

  test('times stand beside the entries, and a glossary explains the words', async () => {
    const text = await textOf(factsOfSize(10, LOGGED));
    const all = text.pages.map(wordsOf).join(' ');
    assert.match(all, /9 21:07:55\.753 URL, gemma evt_/);
    assert.match(all, /Seal\. An HMAC over a closed log/);
  });

  test('pages are A4 by default, and US Letter where that is asked for', async (t) => {
    for (const [paper, size] of [
      [undefined, /A4/],
      ['letter', /letter/],
    ] as const) {
      const info = await runPoppler(t, 'pdfinfo', [await storePdf(t, await print(factsOfSize(10), paper))]);
      if (info !== null) assert.match(/^Page size: +(.*)$/m.exec(info)?.[1] ?? '', size);
    }
  });

  test('a file carries the fonts that its names need, and an ordinary one three', async (t) => {
    const fontsOf = async (name: string) => {
      const { id } = factsOfSize(1).agent;
      const pdf = await print(factsOfSize(10, { agent: { id, name } }));
      const listed = await runPoppler(t, 'pdffonts', [await storePdf(t, pdf)]);
      const names = (listed ?? '').match(/(?<=\+)NotoSans\S*/g) ?? [];
      return { size: pdf.length, fonts: new Set(names) };
    };
    const plain = await fontsOf('Front desk');
    const persian = await fontsOf('\u0639\u0644\u06cc\u200c\u0631\u0636\u0627');
    t.diagnostic(`${plain.size} bytes`);
    assert.ok(plain.size < 280_000, `${plain.size} bytes`);
    if (plain.fonts.size === 0) return;
    assert.equal(plain.fonts.size, 3, [...plain.fonts].join());
    assert.deepEqual(
      [...persian.fonts].filter((font) => !plain.fonts.has(font)),
      ['NotoSansArabic-Regular'],
    );
  });
});

function wordsOf(page: PdfText['pages'][number] | undefined): string {
  return (page?.blocks ?? []).map((pieces) => pieces.join('').replace(/\s+/g, ' ').trim()).join(' ');
}
