// Parts of pages that a script loads again, in a real browser whose requests fail, are late, or come in another order.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { HTTPRequest } from 'puppeteer-core';
import { assertClean, openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { startApp } from '../../support/start-app.ts';

type Fault = Readonly<{ name: string; answer: (request: HTTPRequest) => Promise<void>; reason: RegExp }>;

const respond = (status: number, body: string) => (request: HTTPRequest) =>
  request.respond({ status, contentType: 'text/html; charset=utf-8', body });

const FAULTS: readonly Fault[] = [
  {
    name: 'no connection',
    answer: (request) => request.abort('connectionrefused'),
    reason: /: No answer came\. /,
  },
  {
    name: 'a page of this service with 503',
    answer: respond(503, '<main id="main"><h1>x</h1><p role="alert">The store is away.</p></main>'),
    reason: /: The store is away\. /,
  },
  {
    name: 'a page of this service with 404',
    answer: respond(404, '<main id="main"><p role="alert">No such session.</p></main>'),
    reason: /: No such session\. /,
  },
  {
    name: 'an empty 502 of a proxy',
    answer: respond(502, ''),
    reason: /: The server answered with status 502\. /,
  },
  {
    name: 'a page with status 200 that lacks the part',
    answer: respond(200, '<html><body><p>Please log in to the network.</p></body></html>'),
    reason: /: The server answered with status 200\. /,
  },
];

test('parts of pages that are loaded again', WITH_CHROMIUM, async (t) => {
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext);
  const tenant = await app.addTenant('Clinic');
  const events = Array.from({ length: 40 }, (_, i) => redaction(i % 2 ? 'NAME' : 'DOB'));
  const { id } = await addSessionWithLog(app, tenant, { events });
  await addSessionWithLog(app, tenant, { events: [redaction('NAME')], status: 'error' });
  const browser = await startBrowser(whole);
  const tab = await openTab(browser, app.url, tenant.cookie);
  const { page } = tab;

  let onPart: ((request: HTTPRequest) => Promise<void>) | null = null;
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const isOfPart = request.headers()['hx-request'] === 'true';
    void (isOfPart && onPart ? onPart(request) : request.continue());
  });
  /** Opens a page with requests of parts as they are. */
  const open = async (path: string) => {
    onPart = null;
    await page.goto(`${app.url}${path}`, { waitUntil: 'load' });
    await page.waitForFunction(`document.querySelector('[data-htmx-powered]')`);
  };
  const alertText = async () => {
    await page.waitForSelector('main [role=alert]');
    return await page.$eval('main [role=alert]', (alert) => alert.textContent ?? '');
  };
  const focused = () => page.evaluate('document.activeElement.id || document.activeElement.name');
  const waitForRows = (count: number) =>
    page.waitForFunction(`document.querySelectorAll('#list tbody tr').length === ${count}`);
  const hold = () => {
    const held: HTTPRequest[] = [];
    onPart = async (request) => void held.push(request);
    return held;
  };
  const waitForHeld = async (held: readonly unknown[], count: number) => {
    while (held.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  for (const { name, answer, reason } of FAULTS) {
    await t.test(`Verify now keeps the verdict, and calls it an older one: ${name}`, async () => {
      await open(`/sessions/${id}`);
      onPart = answer;
      await page.click('#verify-now');
      const said = await alertText();
      assert.match(said, /^The log could not be walked just now: .*The verdict below is an older one\.$/);
      assert.match(said, reason);
      assert.equal(await page.$eval('#verdict', (part) => part.className), 'older');
      assert.equal(await page.$eval('#verdict .state', (word) => word.textContent), 'verified');
      await page.waitForSelector('#verdict:not([aria-busy])');
      onPart = null;
      await page.click('#verify-now');
      await page.waitForSelector('#verdict:not(.older)');
      assert.equal(await page.$('main [role=alert]'), null);
    });

    await t.test(`a filter leaves list and address, and says that they are older: ${name}`, async () => {
      await open('/sessions');
      onPart = answer;
      await page.select('select[name=status]', 'error');
      const said = await alertText();
      assert.match(said, /^The list could not be loaded: .*The rows below are from before/);
      assert.match(said, reason);
      await waitForRows(2);
      assert.equal(page.url(), `${app.url}/sessions`);
      onPart = null;
      await page.click('form.row button');
      await waitForRows(1);
      assert.equal(await page.$('main [role=alert]'), null);
    });
  }

  await t.test('a page is clean with a failure on it', async () => {
    await open(`/sessions/${id}`);
    onPart = (request) => request.abort('connectionrefused');
    await page.click('#verify-now');
    await alertText();
    await page.select('#entries select', 'DOB');
    await page.waitForSelector('#failed-entries-shown');
    tab.takeFaults();
    await assertClean(tab, 'failures');
  });

  await t.test('a part that is awaited is busy, and says so to those who do not see it', async () => {
    await open(`/sessions/${id}`);
    const held = hold();
    await page.click('#verify-now');
    await page.waitForSelector('#verdict[aria-busy=true]');
    await page.waitForFunction(`document.getElementById('live').textContent === 'Loading …'`);
    const sign = await page.evaluate(
      `getComputedStyle(document.getElementById('verdict'), '::before').content`,
    );
    assert.equal(sign, '"Loading …"');
    await page.click('#verify-now');
    assert.equal(held.length, 1);
    await held[0]!.continue();
    await page.waitForSelector('#verdict:not([aria-busy])');
    await page.waitForFunction(`document.getElementById('live').textContent === 'Log walked: verified'`);
    assert.equal(await focused(), 'verify-now');
  });

  await t.test('filters by the keyboard keep their place, and the list is announced', async () => {
    await open('/sessions');
    await page.focus('select[name=status]');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(`location.search.includes('status=ok')`);
    await waitForRows(1);
    assert.equal(await focused(), 'status');
    await page.waitForFunction(`document.getElementById('live').textContent === '1 row is shown.'`);
    await open(`/sessions/${id}`);
    await page.focus('select[name=entity_kind]');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(
      `document.querySelector('#entries caption').textContent.startsWith('20 of 40')`,
    );
    assert.equal(await focused(), 'entity_kind');
  });

  await t.test('an answer leaves what was typed while it was awaited', async () => {
    await open('/sessions');
    const held = hold();
    await page.select('select[name=status]', 'error');
    await waitForHeld(held, 1);
    await page.type('input[name=min_redactions]', '7');
    await held[0]!.continue();
    await waitForRows(1);
    assert.equal(await page.$eval('input[name=min_redactions]', (field) => field.value), '7');
    assert.equal(await focused(), 'min_redactions');
  });

  await t.test('of several choices the newest one is shown, whichever is answered first', async () => {
    await open('/sessions');
    const held = hold();
    for (const [i, status] of ['ok', 'error', ''].entries()) {
      await page.select('select[name=status]', status);
      await waitForHeld(held, i + 1);
    }
    assert.equal(held.length, 3);
    await held[2]!.continue();
    await page.waitForFunction(`location.search.includes('status=&')`);
    await waitForRows(2);
    await Promise.allSettled([held[0]!.continue(), held[1]!.continue()]);
    await page.waitForSelector('#list:not([aria-busy])');
    assert.equal(await page.$('main [role=alert]'), null);
    await waitForRows(2);
  });

  await t.test('the focus stays in a list whose next page has no link to another', async () => {
    await open('/sessions?limit=1');
    await page.focus('#next-page');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#first-page');
    await page.waitForFunction(`document.activeElement.id === 'list'`);
    await page.focus('#first-page');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#next-page');
    await page.waitForFunction(`document.activeElement.id === 'list'`);
    await page.waitForFunction(`document.getElementById('live').textContent.endsWith('there are more.')`);
  });
});
