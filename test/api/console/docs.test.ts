// The reference of the API on /docs, in a real browser.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { DOCUMENT } from '../../support/document-faults.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { readPage } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

test('the document of the API', async (t) => {
  const app = await startApp(t);
  const { cookie } = await app.addTenant('Clinic');

  await t.test('it is sent without a login, and not again to whoever has it', async () => {
    const first = await app.get('/api/v1/openapi.json');
    assert.deepEqual(await first.json(), DOCUMENT);
    assert.equal(first.headers.get('Cache-Control'), 'public, no-cache');
    const etag = first.headers.get('ETag') ?? '';
    const again = await app.get('/api/v1/openapi.json', null, { headers: { 'If-None-Match': etag } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    const other = await app.get('/api/v1/openapi.json', null, { headers: { 'If-None-Match': '"other"' } });
    assert.equal(other.status, 200);
    await other.text();
  });

  await t.test('the navigation of the console leads to its reference', async () => {
    const page = await readPage(await app.get('/sessions', cookie));
    assert.equal(page.querySelector('nav a[href="/docs"]')?.textContent, 'API reference');
  });

  await t.test('the reference may load nothing from another host, and stands in no frame', async () => {
    const response = await app.get('/docs');
    assert.match(await response.text(), /^<!doctype html>/);
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
  });
});

test('the reference in a browser', WITH_CHROMIUM, async (t) => {
  // The browser first: its connections would keep the API open.
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext);
  const { cookie, accountId } = await app.addTenant('Clinic');
  const browser = await startBrowser(whole);
  const me = '[id$="tag/login/GET/api/v1/me"]';
  const { page, takeFaults } = await openTab(browser, app.url, cookie);
  page.setDefaultTimeout(60_000);
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(`${app.url}/docs#tag/login/GET/api/v1/me`, { waitUntil: 'networkidle0' });

  await t.test('it shows the operations of the document', async () => {
    for (const tag of ['Sessions', 'Agents', 'Reports', 'Operation']) {
      await page.waitForFunction(`document.body.innerText.includes(${JSON.stringify(tag)})`);
    }
    await page.waitForSelector(me);
    const shown = await page.$eval(me, (found) => found.textContent);
    assert.match(shown ?? '', /Shows the user, the account and the permissions/);
    assert.match(shown ?? '', /unauthenticated/);
  });

  await t.test('"Test Request" asks the API with the cookie of the console', async () => {
    await page.evaluate(
      `[...document.querySelectorAll('${me} button')].find((b) => b.textContent.includes('Test Request')).click()`,
    );
    await page.waitForFunction(`document.querySelector('[role=dialog], .scalar-client')`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url() === `${app.url}/api/v1/me`),
      page.evaluate(
        `[...document.querySelectorAll('button')].find((b) => /^\\s*Send(?!s)/.test(b.textContent)).click()`,
      ),
    ]);
    assert.equal(answer.status(), 200);
    // Examples of parameters that may be left out are not sent.
    assert.equal(answer.request().headers()['x-request-id'], undefined);
    assert.equal(((await answer.json()) as { account: { id: string } }).account.id, accountId);
  });

  await t.test('nothing was asked of another host, and the console of the browser has no error', () => {
    assert.deepEqual([...hosts], [app.url]);
    assert.deepEqual(takeFaults(), []);
  });
});
