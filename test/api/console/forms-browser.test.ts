// Forms in a real browser whose time zone changes, or whose login ends, before one is sent.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { startApp } from '../../support/start-app.ts';

test('forms in a browser', WITH_CHROMIUM, async (t) => {
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext);
  const { accountId } = await app.addTenant('Clinic');
  const boss = await app.login(accountId, ['sessions:read', 'tokens:write', 'webhooks:write']);
  const browser = await startBrowser(whole);
  const { page } = await openTab(browser, app.url, boss);
  const tokens = () => app.database.db.collection('tokens').countDocuments({});
  const fillIn = async () => {
    await page.goto(`${app.url}/tokens`);
    await page.type('main input[name=name]', 'nightly');
    await page.click('main input[name=scopes][value="sessions:read"]');
  };
  const send = () =>
    Promise.all([page.waitForNavigation(), page.click('main form[action="/tokens"] button')]);

  await t.test('a new token is made once and stays shown where the time zone has changed', async () => {
    await fillIn();
    await page.emulateTimezone('Asia/Tokyo');
    let posts = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') posts += 1;
    });
    await send();
    const [token = ''] = /msk_\w+/.exec(await page.$eval('main', (main) => main.textContent ?? '')) ?? [];
    assert.notEqual(token, '');
    // The page would be loaded again at once.
    await page.waitForNetworkIdle({ idleTime: 500 });
    assert.equal(posts, 1);
    assert.equal(await tokens(), 1);
    assert.ok((await page.$eval('main', (main) => main.textContent ?? '')).includes(token));
    await page.goto(`${app.url}/tokens`);
    await page.waitForFunction(`document.querySelector('main').textContent.includes('Asia/Tokyo')`);
  });

  await t.test(
    'one that is sent after the login ended stores nothing, says so, and is led back to',
    async () => {
      await fillIn();
      const context = page.browserContext();
      await context.deleteCookie(...(await context.cookies()).filter(({ httpOnly }) => httpOnly));
      await send();
      const { pathname, search } = new URL(page.url());
      assert.deepEqual([pathname, search], ['/sign-in', '?next=%2Ftokens&lost=form']);
      assert.match(
        await page.$eval('main [role=alert]', (alert) => alert.textContent ?? ''),
        /nothing of what you sent was stored/,
      );
      assert.equal(await tokens(), 1);
    },
  );
});
