// Every page of the console in a real browser: at the width of a phone, a tablet and a screen, light and dark.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CONSOLE_PAGES } from '../../../api/console/index.ts';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { assertClean, openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../support/logs.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { startApp } from '../../support/start-app.ts';

const WITH_BOTH = { skip: WITH_CHROMIUM.skip || WITH_REDIS.skip };

test('the console in a browser', WITH_BOTH, async (t) => {
  // The browser first: its connections would keep the API open.
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext, { REDIS_URL: testRedisUrl() });
  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId } = tenant;
  const cookie = await app.login(accountId, PERMISSIONS);
  const payloads = {
    request: { text: 'I am Ada Byron.' },
    masked: { text: 'I am [NAME_1].' },
    response: { text: 'Hello.' },
  };
  const logged = { policy: 'billing-strict@3', payloads };
  const events = Array.from({ length: 40 }, (_, i) => redaction(i % 2 ? 'NAME' : 'DOB'));
  const { id: sessionId } = await addSessionWithLog(app, tenant, { ...logged, events });
  const failed = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
  await damageEntry(app, failed, 0);
  const browser = await startBrowser(whole);
  const tab = await openTab(browser, app.url, cookie);
  const { page } = tab;

  const filled = (path: string) =>
    path
      .replace('{session_id}', sessionId)
      .replace('{agent_id}', agentId)
      .replace(/\{\w+\}/, 'x');
  const shown = [
    ...CONSOLE_PAGES.map(({ path }) => filled(path)).filter(
      (path) => !path.endsWith('/x') && !path.startsWith('/sign-in/oidc'),
    ),
    `/sessions/${failed.id}`,
    '/sessions?since=1h&min_redactions=999',
  ];

  for (const path of shown) {
    await t.test(`${path.replaceAll(/_[0-9A-Z]{26}/g, '_…')} is clean`, async () => {
      await page.setViewport({ width: 1440, height: 900 });
      await page.goto(`${app.url}${path}`, { waitUntil: 'networkidle2' });
      await assertClean(tab, path);
    });
  }

  await t.test('a filter changes the page in place, and the address with it', async () => {
    await page.goto(`${app.url}/sessions/${sessionId}`);
    await page.evaluate('window.isSamePage = true');
    await page.select('#entries select[name=entity_kind]', 'DOB');
    await page.waitForFunction(
      `document.querySelector('#entries caption')?.textContent.startsWith('20 of 40')`,
    );
    assert.equal(await page.evaluate('window.isSamePage'), true);
    assert.match(page.url(), /entity_kind=DOB/);
    await page.waitForFunction(`document.getElementById('live').textContent.startsWith('20 of 40')`);
    assert.deepEqual(tab.takeFaults(), []);
  });

  await t.test('Verify now changes the verdict in place and says what was found', async () => {
    await page.goto(`${app.url}/sessions/${sessionId}`);
    await page.evaluate('window.isSamePage = true');
    await page.click('#verdict button');
    await page.waitForFunction(`document.getElementById('live').textContent === 'Log walked: verified'`);
    assert.equal(await page.evaluate('window.isSamePage'), true);
  });

  await t.test('every control is reached by the keyboard, and its focus is seen', async () => {
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(`${app.url}/sessions`);
    const reachable = (await page.evaluate(
      `[...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')].length`,
    )) as number;
    const seen = new Set<string>();
    for (let i = 0; i < reachable; i += 1) {
      await page.keyboard.press('Tab');
      const [name, outline] = (await page.evaluate(`(() => {
        const { activeElement: e } = document;
        const place = [...document.querySelectorAll('*')].indexOf(e);
        return [place + e.outerHTML.slice(0, 200), getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow];
      })()`)) as [string, string];
      seen.add(name);
      assert.doesNotMatch(outline, /^none.*none$/, name);
    }
    assert.equal(seen.size, reachable);
  });

  await t.test('times are in the time zone of the reader', async () => {
    const traveller = await openTab(browser, app.url, cookie);
    await traveller.page.emulateTimezone('Asia/Tokyo');
    await traveller.page.goto(`${app.url}/sessions`);
    await traveller.page.waitForFunction(
      `document.querySelector('caption')?.textContent.includes('Asia/Tokyo')`,
    );
  });

  await t.test('a page works without scripts', async () => {
    const plain = await openTab(browser, app.url, cookie);
    await plain.page.setJavaScriptEnabled(false);
    await plain.page.goto(`${app.url}/sessions/${sessionId}`);
    await plain.page.select('#entries select[name=entity_kind]', 'DOB');
    await Promise.all([plain.page.waitForNavigation(), plain.page.click('#entries form button')]);
    assert.match(plain.page.url(), /entity_kind=DOB/);
    const caption = await plain.page.$eval('#entries caption', (found) => found.textContent);
    assert.match(caption ?? '', /^20 of 40/);
    await Promise.all([plain.page.waitForNavigation(), plain.page.click('#verdict button')]);
    assert.match(plain.page.url(), /\/verify$/);
  });
});
