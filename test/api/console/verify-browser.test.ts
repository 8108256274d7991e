// The check of a file in a real browser: by the script of verify.html, under the policy of the pages, without sending it.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ElementHandle, HTTPRequest } from 'puppeteer-core';
import { assetPath } from '../../../api/console/assets/assets.ts';
import { formatVerifierKey, verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { assertClean, openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { keepLogs } from '../../support/logged-app.ts';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { signerOf, TEST_ORIGIN } from '../../support/signers.ts';
import { startApp } from '../../support/start-app.ts';

test('the script that pages load is that of verify.html, byte for byte', async (t) => {
  const app = await startApp(t);
  const file = join(import.meta.dirname, '../../../scripts/verifiers/verify.html');
  const html = await readFile(file, 'utf8');
  const [, script] = /<script>([\s\S]*)<\/script>/.exec(html) ?? [];
  const response = await app.get(assetPath('verify.js'));
  assert.match(response.headers.get('Content-Type') ?? '', /javascript/);
  assert.equal(await response.text(), script);
});

test('checking a file in the browser', WITH_CHROMIUM, async (t) => {
  const whole = inReverse(t);
  // Chromium starts twice at once here, for the page and for the PDF.
  const app = await startApp(whole as TestContext);
  const keep = await keepLogs(whole, app);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const { id } = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
  await keep(accountId);
  const folder = await mkdtemp(join(tmpdir(), 'verify-'));
  whole.after(() => rm(folder, { recursive: true, force: true }));

  /** Writes what a path answers to a file. */
  async function save(name: string, path: string): Promise<string> {
    const response = await app.get(path, cookie);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, bytes.toString());
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  }
  const report = await save('report.json', `/api/v1/sessions/${id}/report`);
  const [row] = await app.deps.ledger.list(accountId, { after: null, limit: 1 });
  const note = await save('report.note', `/api/v1/reports/${row?.id}/statement`);
  const pdf = await save('report.pdf', `/api/v1/sessions/${id}/report?format=pdf`);
  const event = await save('event.json', `/api/v1/sessions/${id}/events/1/proof`);
  const pack = await save('pack.zip', `/api/v1/sessions/${id}/evidence`);
  const changed = join(folder, 'changed.json');
  const text = await readFile(report, 'utf8');
  await writeFile(changed, text.replace('"redaction_count":2', '"redaction_count":1'));

  const browser = await startBrowser(whole);
  const tab = await openTab(browser, app.url, cookie);
  const { page } = tab;
  const sent: HTTPRequest[] = [];
  page.on('request', (request) => sent.push(request));
  const open = async () => {
    await page.goto(`${app.url}/verify`);
    await page.waitForSelector('#evidence-page:not([hidden])');
    sent.length = 0;
  };
  /** Chooses files and checks them; the verdicts by their axes, the last file's where there are two. */
  const check = async (files: readonly string[], button = '#check') => {
    const field = (await page.$('#files')) as ElementHandle<never>;
    await field.uploadFile(...files);
    await page.click(button);
    await page.waitForSelector('#result h2');
    await page.waitForSelector('#form:not([aria-busy])');
    const rows = (await page.$$eval('#result [data-axis]', (found) =>
      found.map((each) => [each.getAttribute('data-axis'), each.getAttribute('data-verdict')]),
    )) as [string, string][];
    return Object.fromEntries(rows);
  };
  const headline = () => page.$eval('#result h2', (found) => found.textContent);

  await t.test('a report and its statement are verified with the key that is filled in', async () => {
    await open();
    const key = await (await app.get('/api/v1/log/key', cookie)).text();
    assert.equal(await page.evaluate(`document.getElementById('key').value`), key.trimEnd());
    const verdicts = await check([report, note]);
    assert.equal(verdicts.statement, 'verified', JSON.stringify(verdicts));
    assert.equal(verdicts.log, 'verified', JSON.stringify(verdicts));
    assert.match(
      (await headline()) ?? '',
      /^“report\.json” and “report\.note”: Genuine, as far as it was checked/,
    );
  });

  await t.test('a PDF, a pack and the proof of an entry are verified', async () => {
    await open();
    for (const file of [pdf, pack]) {
      const verdicts = await check([file]);
      for (const axis of ['bytes', 'statement', 'entries', 'completeness', 'log']) {
        assert.equal(verdicts[axis], 'verified', `${file} ${axis} ${JSON.stringify(verdicts)}`);
      }
    }
    // Until it is asked, the page says nothing of another file.
    const field = (await page.$('#files')) as ElementHandle<never>;
    await field.uploadFile(changed);
    assert.equal(await page.$eval('#result', (found) => found.textContent), '');
    const ofEvent = await check([event]);
    assert.equal(ofEvent.entries, 'verified', JSON.stringify(ofEvent));
  });

  await t.test('a changed report fails, and so does a copy of which one bit is changed', async () => {
    await open();
    const verdicts = await check([changed, note]);
    assert.equal(verdicts.statement, 'failed');
    assert.match((await headline()) ?? '', /: Do not rely on this: something is wrong\.$/);
    await check([pdf], '#try');
    assert.match((await headline()) ?? '', /: Do not rely|: This could not be checked/);
  });

  await t.test('with the key taken away or another one nothing is green', async () => {
    await open();
    const others = verifierKeyOf(`${TEST_ORIGIN}/${accountId}`, signerOf(9).publicKey);
    for (const key of ['', 'no key', formatVerifierKey(others)]) {
      await page.evaluate(`document.getElementById('key').value = ${JSON.stringify(key)}`);
      const verdicts = await check([report, note]);
      assert.ok(!Object.values(verdicts).includes('verified'), JSON.stringify(verdicts));
    }
  });

  await t.test('no request carries the file, or anything after it was chosen', async () => {
    await open();
    for (const files of [[report, note], [pdf], [pack], [changed]]) await check(files);
    // What is dropped is checked in the same way.
    await page.evaluate(`(async () => {
      const data = new DataTransfer();
      data.items.add(new File(['{"dropped": true}'], 'dropped.json'));
      document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    })()`);
    await page.waitForFunction(`document.getElementById('dropped').textContent.includes('dropped.json')`);
    await page.waitForSelector('#form:not([aria-busy])');
    assert.deepEqual(
      sent.map((request) => `${request.method()} ${request.url()}`),
      [],
    );
    assert.match(page.url(), /\/verify$/);
    // Nothing of the form could be sent without scripts either.
    assert.equal((await page.$$('#form [name]')).length, 0);
  });

  await t.test('the page is clean with its results, and without them', async () => {
    await open();
    await assertClean(tab, '/verify');
    await check([changed, report]);
    await assertClean(tab, '/verify with a failure');
    await check([report, note]);
    await assertClean(tab, '/verify with a result');
    await page.click('#form summary');
    await assertClean(tab, '/verify, opened');
    for (const value of [id, row?.id, 'f'.repeat(64)]) {
      await page.goto(`${app.url}/verify?value=${value}`);
      await assertClean(tab, `/verify?value=${value}`);
    }
    await page.goto(`${app.url}/auditors`);
    await assertClean(tab, '/auditors');
  });

  await t.test('a value is looked up in place, and said', async () => {
    await open();
    await page.evaluate('window.isSamePage = true');
    await page.type('input[name=value]', row?.jsonSha256Hex ?? '');
    await page.click('#lookup button');
    await page.waitForSelector('#lookup h3');
    assert.equal(await page.evaluate('window.isSamePage'), true);
    await page.waitForFunction(
      `document.getElementById('live').textContent.startsWith('The JSON of a report of this account. Ours')`,
    );
    assert.match(page.url(), /\?value=[0-9a-f]{64}$/);
    await page.evaluate(`document.querySelector('input[name=value]').value = 'nothing'`);
    await page.click('#lookup button');
    await page.waitForSelector('#lookup [role=alert]');
    assert.deepEqual(
      tab.takeFaults().filter((fault) => !fault.includes('422')),
      [],
    );
  });

  await t.test('without scripts the page says what else checks, and looks values up', async () => {
    const plain = await openTab(browser, app.url, cookie);
    await plain.page.setJavaScriptEnabled(false);
    await plain.page.goto(`${app.url}/verify`);
    const shown = (await plain.page.evaluate(`document.querySelector('main').innerText`)) as string;
    assert.match(shown, /This check needs JavaScript/);
    assert.doesNotMatch(shown, /Verifier key/);
    await plain.page.type('input[name=value]', id);
    await Promise.all([plain.page.waitForNavigation(), plain.page.click('#lookup button')]);
    assert.match(
      (await plain.page.$eval('#lookup', (found) => found.textContent)) ?? '',
      /Ours, and everything/,
    );
  });
});
