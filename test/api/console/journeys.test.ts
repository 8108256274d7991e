// What people come to the console for, by mouse and keyboard in a real browser. Reports are in reports-browser.test.ts.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../support/logs.ts';
import { startApp } from '../../support/start-app.ts';

test('journeys through the console', WITH_CHROMIUM, async (t) => {
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
  const failed = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
  await damageEntry(app, failed, 1);
  // A walk has to find it before anything can tell of it.
  await (await app.get(`/api/v1/sessions/${failed.id}`, cookie)).text();
  const user = (await app.deps.users.findOrCreate(accountId, 'Officer'))!;
  const link = async () => {
    const made = await app.deps.signInLinks.issue({ accountId, userId: user.id, permissions: PERMISSIONS });
    return `${app.url}/sign-in?link=${made.token}`;
  };
  const browser = await startBrowser(whole);
  const { page, takeFaults } = await openTab(browser, app.url);
  const press = (selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  const textOf = (selector: string) => page.$eval(selector, (found) => found.textContent ?? '');

  await t.test('a link signs in where the reader was, once', async () => {
    await page.goto(`${app.url}/agents`);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    const address = await link();
    await page.goto(address);
    await page.focus('form[action="/sign-in"] button');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.equal(new URL(page.url()).pathname, '/agents');
    assert.match(await textOf('.who'), /Clinic.*Officer/s);
    const other = await openTab(browser, app.url);
    await other.page.goto(address);
    assert.equal(await other.page.$('form[action="/sign-in"]'), null);
    assert.deepEqual(takeFaults(), []);
  });

  await t.test('a failed log is found from the overview, with its fault and place', async () => {
    await press('a.brand');
    await press(`main a[href^="/sessions/${failed.id}"]`);
    assert.match(await textOf('#verdict'), /failed: altered/);
    assert.match(await textOf('#verdict'), /Next step/);
    await press('nav a[href="/sessions"]');
    await Promise.all([
      page.waitForFunction(`document.querySelectorAll('main tbody tr').length === 1`),
      page.select('select[name=log]', 'failed'),
    ]);
    assert.match(await textOf('main tbody'), new RegExp(failed.id));
    assert.deepEqual(takeFaults(), []);
  });

  await t.test('a token is revoked, and refused from then on', async () => {
    const expiresAt = new Date(Date.now() + DAY_MS);
    const scopes = ['sessions:read'] as const;
    const token = await app.deps.tokens.create(accountId, { name: 'nightly', scopes, expiresAt }, new Date());
    const ask = async () => {
      const headers = { Authorization: `Bearer ${token.text}` };
      const response = await app.get('/api/v1/sessions', null, { headers });
      await response.text();
      return response.status;
    };
    assert.equal(await ask(), 200);
    await press('nav a[href="/tokens"]');
    const form = `form[action="/tokens/${token.id}/revoke"]`;
    await page.click(`details:has(${form}) > summary`);
    await press(`${form} button`);
    assert.equal(await ask(), 401);
    assert.match(await textOf('main'), /revoked/);
  });

  await t.test('signing out ends the login, and the way back leads to sign-in', async () => {
    await press('form[action="/sign-out"] button');
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await page.goto(`${app.url}/sessions`);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
  });
});
