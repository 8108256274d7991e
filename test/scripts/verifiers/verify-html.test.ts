import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { assertClean, openTab, startBrowser, type Tab } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { KEY } from '../../support/evidence-corpus/case.ts';
import { HOSTILE_LINES } from '../../support/evidence-corpus/hostile-lines.ts';
import { LARGE_PDFS } from '../../support/evidence-corpus/large-files.ts';
import type { WrittenCase } from '../../support/evidence-corpus/make-corpus.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type CorpusFolder, corpusFolder } from '../../support/verifiers/corpus-folder.ts';
import { differencesOf, type Outcome } from '../../support/verifiers/corpus-outcomes.ts';
import { givenOf, isForPages } from '../../support/verifiers/page-cases.ts';

const PAGE = join(import.meta.dirname, '../../../scripts/verifiers/verify.html');
const SOURCE = readFileSync(PAGE, 'utf8');

const releases: (() => unknown)[] = [];
let browser: Browser;
let corpus: CorpusFolder;

async function setUp(): Promise<void> {
  const whole = { after: (release: () => unknown) => releases.push(release) } as unknown as TestContext;
  corpus = corpusFolder(whole);
  browser = await startBrowser(whole);
}

async function tearDown(): Promise<void> {
  for (const release of releases.reverse()) await release();
}

describe('verify.html', WITH_CHROMIUM, () => {
  before(setUp);
  after(tearDown);

  it('says of every case of the corpus what the rules demand, from file://, and asks for nothing', async (t) => {
    const { tab, requests } = await openPage(t);
    const cases = corpus.cases.filter(isForPages);
    assert.ok(cases.length > 1400);
    const outcomes = await checkAll(tab.page, cases, false);
    assert.deepEqual(differencesOf(cases, outcomes), []);
    assert.deepEqual(requests, [pathToFileURL(PAGE).href]);
    assert.deepEqual(tab.takeFaults(), []);
  });

  it('verifies signatures where the browser has no Ed25519 of its own', async (t) => {
    const { tab } = await openPage(t);
    const cases = corpus.cases.filter(isForPages).filter((_, i) => i % 4 === 0);
    assert.deepEqual(differencesOf(cases, await checkAll(tab.page, cases, true)), []);
  });

  it('calls no PDF failed for its size', async (t) => {
    const { tab } = await openPage(t);
    tab.page.setDefaultTimeout(120_000);
    const folder = temporaryFolder(t);
    for (const { name, make, marks } of LARGE_PDFS) {
      const path = join(folder, `${name}.pdf`);
      writeFileSync(path, make());
      const found = await checkByHand(tab.page, [path], KEY[1]);
      const letters: Record<string, string> = { good: 'v', bad: 'x' };
      assert.equal(found.marks.map((mark) => letters[mark] ?? '-').join(''), marks, name);
    }
  });

  it('says of files that unpack to millions of lines that they failed', async (t) => {
    const { tab } = await openPage(t);
    tab.page.setDefaultTimeout(120_000);
    const folder = temporaryFolder(t);
    for (const [name, make] of Object.entries(HOSTILE_LINES)) {
      const path = join(folder, name);
      writeFileSync(path, make());
      const { marks } = await checkByHand(tab.page, [path], KEY[1]);
      assert.equal(marks[0], 'bad', name);
    }
  });

  it('says plainly that a browser without WebCrypto cannot check', async (t) => {
    const { tab } = await openPage(t);
    await tab.page.evaluate("Object.defineProperty(globalThis, 'crypto', { value: {} })");
    const { exit, problem } = (await tab.page.evaluate('verifyEvidence([])')) as Outcome;
    assert.equal(exit, 1);
    assert.match(problem ?? '', /does not offer its cryptography \(WebCrypto\)/);
  });

  it('shows a genuine PDF as green, with each verdict in words', async (t) => {
    const { tab } = await openPage(t);
    const pdf = fileOf('PDF of a sealed session, with both witnesses');
    const { heading, marks } = await checkByHand(tab.page, pdf, KEY[1]);
    assert.equal(heading, named([pdf], PRINTED('attached to this PDF')));
    assert.deepEqual(marks, ['good', 'good', 'good', 'good', 'good', '', '', '']);
    await assertClean(tab, 'a genuine report');
  });

  it('calls a report with pages genuine in its data alone, whatever its pages show', async (t) => {
    const { tab } = await openPage(t);
    for (const [name, file] of [
      ['PDF whose page was blanked', 'attached to this PDF'],
      ['pack of a sealed session, with the right key', 'in this pack'],
      ['pair: the same file twice', 'of both files'],
    ] as const) {
      const { heading, text } = await checkByHand(tab.page, filesOf(name), KEY[1]);
      assert.equal(heading, named(filesOf(name), PRINTED(file)), name);
      assert.doesNotMatch(
        text,
        /nothing hidden|nothing (?:was|is) (?:added|appended)|signed exactly this report/,
      );
      assert.match(text, /signed exactly the data of this report, its JSON, and not its pages/);
    }
    const json = filesOf('JSON and its statement, with the right key');
    const { heading, text } = await checkByHand(tab.page, json, KEY[1]);
    assert.match(heading, /: Genuine, as far as it was checked/);
    assert.match(text, /signed exactly this report/);
  });

  it('calls no report genuine of which the account log proves a part and no statement the whole', async (t) => {
    const { tab } = await openPage(t);
    const unsigned = 'The report’s figures and words are signed by nobody.';
    const headings = {
      'account report without a statement, three sessions invented':
        'No more is proved than the entries of 5 of the report’s 9 sessions in the account’s log.',
      'PDF without a statement, with the right key':
        'No more is proved than the session’s entry in the account’s log.',
      'pair: open, and sealed by the log alone, whose report says an earlier time':
        'Of file 2, no more is proved than the session’s entry in the account’s log.',
    };
    for (const [name, words] of Object.entries(headings)) {
      const { heading, text } = await checkByHand(tab.page, filesOf(name), KEY[1]);
      assert.equal(heading, named(filesOf(name), `${words} ${unsigned}`));
      assert.doesNotMatch(text, /Genuine|is genuine/);
    }
    const { heading } = await checkByHand(tab.page, filesOf('event proof, with the right key'), KEY[1]);
    assert.match(heading, /: Genuine/);
    await assertClean(tab, 'a report without a statement');
  });

  it('shows nothing as green under a wrong key, and asks to check the key', async (t) => {
    const { tab } = await openPage(t);
    const other = optionOf("PDF of a sealed session, with another account's key", '--key');
    const pdf = fileOf('PDF of a sealed session, with both witnesses');
    const { heading, marks, text } = await checkByHand(tab.page, pdf, other);
    assert.equal(heading, named([pdf], 'Do not rely on this: something is wrong.'));
    assert.ok(!marks.includes('good'));
    assert.match(text, /the key is not the right one/);
    await assertClean(tab, 'a wrong key');
  });

  it('shows nothing as green without a key', async (t) => {
    const { tab } = await openPage(t);
    const pack = fileOf('pack of a sealed session, with no key');
    const { heading, marks } = await checkByHand(tab.page, pack, '');
    assert.equal(heading, named([pack], 'Nothing is proved yet: give the verifier key.'));
    assert.ok(marks.every((mark) => mark === ''));
    await assertClean(tab, 'no key');
  });

  it('shows the change of one bit as red, whatever the file', async (t) => {
    const { tab } = await openPage(t);
    for (const name of [
      'PDF of a sealed session',
      'pack of a sealed session',
      'event proof',
      'JSON and its statement',
    ]) {
      for (let round = 0; round < 5; round += 1) {
        const { marks, text } = await checkByHand(
          tab.page,
          filesOf(`${name}, with the right key`),
          KEY[1],
          '#try',
        );
        assert.ok(marks.includes('bad') || text.includes('could not be checked'), `${name}: ${text}`);
        assert.ok(!/\bgenuine/i.test(text), name);
      }
    }
  });

  it('compares two reports, and shows both signed texts where they cannot both be true', async (t) => {
    const { tab } = await openPage(t);
    const pair = filesOf('pair: one size, two roots');
    const { heading, text } = await checkByHand(tab.page, pair, KEY[1]);
    assert.equal(heading, named(pair, 'Do not rely on this: something is wrong.'));
    assert.match(
      text,
      /These cannot both be true: .* two fingerprints\.\s+Signed: masker-evidence\/report\/v1\s/,
    );
    await assertClean(tab, 'a pair');
  });

  it('checks a file that is dropped on the page', async (t) => {
    const { tab } = await openPage(t);
    await giveKey(tab.page, KEY[1]);
    await dropOn(tab.page, '#drop', fileOf('PDF of a sealed session, with both witnesses'), 'report.pdf');
    await tab.page.waitForSelector('.verdict.good');
    assert.match(
      await tab.page.$eval('#dropped', (line) => line.textContent ?? ''),
      /^Dropped: report\.pdf$/,
    );
  });

  it('checks a file that is dropped beside the field, wherever', async (t) => {
    const { page } = (await openPage(t)).tab;
    const good = fileOf('PDF of a sealed session, with both witnesses');
    const bad = fileOf('PDF with a space behind its end');
    for (const place of ['h1', '#result h2', '#result li', '#key', 'footer', 'html']) {
      await checkByHand(page, good, KEY[1]);
      assert.equal(await dropOn(page, place, bad, 'other.pdf'), false, place);
      await page.waitForSelector('.verdict.bad', { timeout: 5000 });
      assert.equal(
        await page.$eval('#result h2', (found) => found.textContent),
        '“other.pdf”: Do not rely on this: something is wrong.',
      );
      assert.equal(await page.$eval('#dropped', (found) => found.textContent), 'Dropped: other.pdf');
    }
    assert.equal(await dropOn(page, '#audit-keys', bad, 'keys.txt'), true);
  });

  it('says that a text which is dropped is no file, and lets one be dropped into a field of text', async (t) => {
    const { page } = (await openPage(t)).tab;
    await checkByHand(page, fileOf('PDF of a sealed session, with both witnesses'), KEY[1]);
    assert.equal(await dropOn(page, '#key', null, 'a key'), true);
    assert.equal((await page.$$('.verdict.good')).length, 1);
    assert.equal(await dropOn(page, 'h1', null, 'a text'), false);
    assert.equal((await page.$$('.verdict.good')).length, 0);
    assert.match(
      await page.$eval('#result', (found) => found.textContent ?? ''),
      /What was dropped is no file/,
    );
  });

  it('shows no answer on a dropped file beside the name of one that is chosen again', async (t) => {
    const { page } = (await openPage(t)).tab;
    const [good, bad] = [
      fileOf('PDF of a sealed session, with both witnesses'),
      fileOf('PDF with a space behind its end'),
    ];
    const wrong = named([bad], 'Do not rely on this: something is wrong.');
    assert.equal((await checkByHand(page, bad, KEY[1])).heading, wrong);
    await dropOn(page, '#drop', good, 'good.pdf');
    await page.waitForSelector('.verdict.good');
    assert.equal(await page.$eval('#files', (field) => (field as unknown as { value: string }).value), '');
    await upload(page, [bad]);
    assert.equal(await page.$eval('#result', (found) => found.textContent), '');
    assert.equal(await page.$eval('#dropped', (found) => found.textContent), '');
    await page.click('#check');
    await page.waitForSelector('.verdict.bad');
    assert.equal(await page.$eval('#result h2', (found) => found.textContent), wrong);
  });

  it('takes its answer off the page where other files, keys, witnesses or audit keys are given', async (t) => {
    const { page } = (await openPage(t)).tab;
    const pdf = fileOf('PDF of a sealed session, with both witnesses');
    const type = (field: string) => page.type(field, 'x');
    const choose = async (field: string) =>
      ((await page.$(field)) as ElementHandle<never>).uploadFile(fileOf('event proof, with the right key'));
    const others = {
      'another file': () => choose('#files'),
      'another key': () => type('#key'),
      'a witness': () => type('#witnesses'),
      'audit keys': () => choose('#audit-keys'),
    };
    await page.click('summary');
    for (const [name, change] of Object.entries(others)) {
      await page.evaluate(
        "for (const id of ['witnesses', 'audit-keys']) document.getElementById(id).value = ''",
      );
      const { heading } = await checkByHand(page, pdf, KEY[1]);
      assert.match(heading, /is genuine/, name);
      await change();
      assert.equal(await page.$eval('#result', (found) => found.textContent), '', name);
    }
  });

  it('shows no answer about what was in the fields when the check began, and is no more', async (t) => {
    const { page } = (await openPage(t)).tab;
    await giveKey(page, KEY[1]);
    await upload(page, [fileOf('PDF of a sealed session, with both witnesses')]);
    await page.evaluate(`{
      document.getElementById('check').click();
      document.getElementById('key').dispatchEvent(new Event('input', { bubbles: true }));
    }`);
    await page.waitForSelector('#form:not([aria-busy])');
    assert.equal(await page.$eval('#result', (found) => found.textContent), '');
    await page.click('#check');
    await page.waitForSelector('.verdict.good');
  });

  it('names the file apart from its verdict, whatever letters the name has', async (t) => {
    const { page } = (await openPage(t)).tab;
    const path = join(temporaryFolder(t), 'a\u202e<b>.json');
    writeFileSync(path, '{"report":{}}');
    const { heading } = await checkByHand(page, path, KEY[1]);
    assert.equal(heading, named([path], 'Do not rely on this: something is wrong.'));
    assert.equal(await page.$eval('h2 bdi', (name) => name.textContent), basename(path));
  });

  it('works by keyboard alone', async (t) => {
    const { tab } = await openPage(t);
    await tab.page.focus('#key');
    await tab.page.keyboard.type(KEY[1]);
    await upload(tab.page, [fileOf('PDF of a sealed session, with both witnesses')]);
    await tab.page.focus('#check');
    await tab.page.keyboard.press('Enter');
    await tab.page.waitForSelector('.verdict.good');
    assert.equal(await tab.page.evaluate('document.activeElement.tagName'), 'H2');
  });

  it('may load nothing, holds no reference to another place, and keeps nothing', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(SOURCE)?.[1];
    assert.equal(
      policy,
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:",
    );
    assert.doesNotMatch(SOURCE, /\b(?:src|href|action)=/);
    assert.doesNotMatch(SOURCE, /https?:\/\//);
    assert.doesNotMatch(
      SOURCE,
      /\b(?:localStorage|sessionStorage|indexedDB|cookie|fetch|XMLHttpRequest|WebSocket|sendBeacon)\b/,
    );
  });

  it('holds its script in one block, without handlers or styles in attributes, so that a stricter page can take it', () => {
    assert.equal(SOURCE.match(/<script\b/g)?.length, 1);
    assert.doesNotMatch(SOURCE, /\son\w+=/);
    assert.doesNotMatch(SOURCE, /\sstyle=/);
    assert.doesNotMatch(SOURCE, /\.innerHTML|insertAdjacentHTML|document\.write|\beval\(/);
  });

  it('checks without its own page, as a script of another', async (t) => {
    const context = await browser.createBrowserContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.evaluate(/<script>\n([\s\S]*)<\/script>/.exec(SOURCE)?.[1] as string);
    assert.equal(await page.evaluate('typeof verifyEvidence'), 'function');
  });
});

const PRINTED = (which: string) =>
  `The data ${which} is genuine, as far as it was checked: signed with the key that you gave. The pages that you see were not checked.`;

async function openPage(t: TestContext): Promise<{ tab: Tab; requests: string[] }> {
  const tab = await openTab(browser, 'about:blank');
  t.after(() => tab.page.browserContext().close());
  const requests: string[] = [];
  tab.page.on('request', (request) => requests.push(request.url()));
  await tab.page.setOfflineMode(true);
  await tab.page.goto(pathToFileURL(PAGE).href);
  return { tab, requests };
}

/** Many cases a call: each call costs more than a case. */
const BATCH = 50;

async function checkAll(
  page: Page,
  cases: readonly WrittenCase[],
  plainSignatures: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < cases.length; i += BATCH) {
    const given = cases.slice(i, i + BATCH).map((each) => givenOf(corpus, each));
    const found = await page.evaluate(
      async (batch, plain) => {
        type Verify = (files: object[], options: object) => Promise<{ exit: number; lines?: object[] }>;
        const { verifyEvidence } = globalThis as unknown as { verifyEvidence: Verify };
        const results = [];
        for (const { files, options } of batch) {
          const read = files.map((base64, n) => ({
            name: `${n}`,
            bytes: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
          }));
          results.push({
            lines: [],
            ...(await verifyEvidence(read, { ...options, plainSignatures: plain })),
          });
        }
        return results;
      },
      given,
      plainSignatures,
    );
    outcomes.push(...(found as Outcome[]));
  }
  return outcomes;
}

function caseOf(name: string): WrittenCase {
  const found = corpus.cases.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
}

function filesOf(name: string): string[] {
  return caseOf(name)
    .args.filter((each) => each.startsWith('files/'))
    .map((file) => join(corpus.folder, file));
}

function fileOf(name: string): string {
  return filesOf(name)[0] as string;
}

function optionOf(name: string, option: string): string {
  const { args } = caseOf(name);
  return args[args.indexOf(option) + 1] as string;
}

/** Drops a file, or a text where there is none. Whether the browser does what it does by itself. */
async function dropOn(page: Page, place: string, path: string | null, text: string): Promise<boolean> {
  const bytes = path === null ? null : readFileSync(path).toString('base64');
  return (await page.evaluate(`{
    const [bytes, text] = ${JSON.stringify([bytes, text])};
    const dataTransfer = new DataTransfer();
    if (bytes === null) dataTransfer.setData('text/plain', text);
    else dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))], text));
    const init = { dataTransfer, bubbles: true, cancelable: true };
    document.querySelector(${JSON.stringify(place)}).dispatchEvent(new DragEvent('drop', init));
  }`)) as boolean;
}

async function upload(page: Page, files: readonly string[]): Promise<void> {
  const input = (await page.$('#files')) as ElementHandle<never>;
  await input.uploadFile(...files);
}

async function giveKey(page: Page, key: string): Promise<void> {
  await page.evaluate(`document.getElementById('key').value = '${key}'`);
}

/** A heading about these files. */
const named = (files: readonly string[], words: string): string =>
  `${files.map((file) => `“${basename(file)}”`).join(' and ')}: ${words}`;

type Seen = Readonly<{
  heading: string;
  /** The class of each verdict: good, bad, or none. */
  marks: readonly string[];
  /** All of the result. */
  text: string;
}>;

/** What a reader sees after he gave the key and the files and pressed a button. */
async function checkByHand(
  page: Page,
  files: string | readonly string[],
  key: string,
  button = '#check',
): Promise<Seen> {
  await giveKey(page, key);
  await page.evaluate("document.getElementById('result').replaceChildren()");
  await upload(page, [files].flat());
  await page.click(button);
  await page.waitForSelector('.verdict');
  return (await page.evaluate(`({
    heading: document.querySelector('.verdict h2').textContent,
    marks: [...document.querySelectorAll('.mark')].map((mark) => mark.className.replace(/^mark ?/, '')),
    text: document.getElementById('result').innerText,
  })`)) as Seen;
}
