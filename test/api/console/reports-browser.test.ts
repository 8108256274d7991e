// The journey of a compliance officer to a report, and policies, in a real browser.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { HTTPRequest } from 'puppeteer-core';
import { assertClean as assertCleanTab, openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { eventually } from '../../support/eventually.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { policyFile } from '../../support/policies.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { createJobWorld } from '../../support/report-jobs.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';

const WITH_BOTH = { skip: WITH_CHROMIUM.skip || WITH_REDIS.skip };

test('reports and policies in a browser', WITH_BOTH, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl());
  openTestQueues(whole, world, testRedisUrl());
  const { app, cookie, accountId } = world;
  const browser = await startBrowser(whole);
  const tab = await openTab(browser, app.url, cookie);
  const { page } = tab;

  const assertClean = (where: string) => assertCleanTab(tab, where);
  const press = (selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  let id = '';

  await t.test('two presses from the overview order last month’s report as a PDF', async () => {
    await page.goto(app.url);
    await press('nav a[href="/reports"]');
    assert.equal(await page.$eval('.for-agent', (part) => part.checkVisibility()), false);
    await press('form.order > button');
    id = new URL(page.url()).pathname.slice('/reports/'.length);
    const { window, format, scope } = (await world.status(id)) as unknown as Record<string, unknown>;
    assert.deepEqual([format, scope, (window as { period: string }).period.length], ['pdf', 'account', 7]);
  });

  await t.test('its page says that it cannot follow it, and follows it again once it can', async () => {
    const other = await openTab(browser, app.url, await app.login(accountId, ['reports:read']));
    let answer: ((request: HTTPRequest) => Promise<void>) | null = (request) =>
      request.abort('connectionrefused');
    await other.page.setRequestInterception(true);
    other.page.on('request', (request) => {
      void (answer && request.url().endsWith('/events') ? answer(request) : request.continue());
    });
    const saysSo = (why: string) =>
      other.page.waitForFunction(
        `document.querySelector('[role=alert]')?.textContent.startsWith('This page could not learn how far the report is: ${why}')`,
      );
    await other.page.goto(`${app.url}/reports/${id}`);
    await saysSo('No answer came.');
    answer = (request) => request.respond({ status: 503, contentType: 'application/json', body: '{}' });
    await saysSo('The server answered with status 503.');
    assert.match(
      (await other.page.$eval('#progress-of-report', (part) => part.textContent)) ?? '',
      /waits for/,
    );
    answer = null;
    await other.page.waitForFunction(
      `document.getElementById('live').textContent.includes('waits for a worker')`,
    );
    assert.equal(await other.page.$('[role=alert]'), null);
    assert.equal(await other.page.$('.older'), null);

    answer = (request) => request.abort('connectionrefused');
    await other.page.reload();
    await saysSo('No answer came.');
    await other.page.browserContext().deleteCookie(...(await other.page.browserContext().cookies()));
    answer = null;
    await other.page.waitForFunction(`location.pathname === '/sign-in'`);
    assert.equal(new URL(other.page.url()).search, `?next=${encodeURIComponent(`/reports/${id}`)}`);
  });

  await t.test('its page follows it, speaks of it, and leaves the focus where it is', async () => {
    await page.waitForFunction(`document.getElementById('live').textContent.includes('waits for a worker')`);
    await page.focus('#cancel');
    await page.evaluate('window.isSamePage = true');
    await app.deps.reportJobs.begin(accountId, id, new Date());
    const now = new Date();
    const progress = { stage: 'walking', done: 2, total: 5, startedAt: now, at: now } as const;
    await app.deps.reportJobs.writeProgress(accountId, id, progress);
    await page.waitForFunction(`document.querySelector('progress').value === 2`);
    assert.equal(await page.evaluate('document.activeElement.id'), 'cancel');
    await page.waitForFunction(`document.getElementById('live').textContent.includes('2 of 5')`);
    await assertClean('a report under way');
  });

  await t.test('it becomes ready in place, and its download is the report', async () => {
    await world.startWorkers();
    // A hang is bounded, and nothing is proven: printing takes long on a busy machine.
    await page.waitForSelector('#download', { timeout: 60_000 });
    await page.waitForFunction(`document.getElementById('live').textContent === 'The report is ready.'`);
    assert.equal(await page.evaluate('window.isSamePage'), true);
    const href = await page.$eval('#download', (link) => link.getAttribute('href') ?? '');
    const bytes = new Uint8Array(await (await app.get(href, cookie)).arrayBuffer());
    assert.equal(Buffer.from(bytes.subarray(0, 5)).toString(), '%PDF-');
    const shown = await page.$eval('main', (main) => main.textContent);
    assert.ok(shown?.includes(hash('sha256', bytes)));
    await assertClean('a report that is ready');
  });

  await t.test('choices show the fields that they need, by the keyboard alone', async () => {
    await page.goto(`${app.url}/reports`);
    await assertClean('/reports');
    await page.focus('input[name=scope][value=account]');
    const isSeen = (selector: string) => page.$eval(selector, (part) => part.checkVisibility());
    await page.keyboard.press('ArrowRight');
    assert.deepEqual([await isSeen('.for-agent'), await isSeen('.for-session')], [true, false]);
    await page.keyboard.press('ArrowRight');
    assert.deepEqual([await isSeen('.for-agent'), await isSeen('.for-session')], [false, true]);
    assert.equal(await isSeen('input[value=csv]'), false);
    await page.keyboard.press('ArrowRight');
    await page.focus('input[name=when][value=this_quarter]');
    await page.keyboard.press('ArrowRight');
    assert.equal(await isSeen('input[name=from]'), true);
    await press('form.order > button');
    assert.match((await page.$eval('[role=alert]', (alert) => alert.textContent)) ?? '', /both dates/);
    // A page with status 422 is a failed load to the console of the browser.
    tab.takeFaults();
    await assertClean('a form with a wrong field');
  });

  await t.test('a report that was cancelled says so', async () => {
    await page.goto(`${app.url}/reports`);
    await app.deps.reportJobs.cancel(accountId, id, new Date());
    await page.goto(`${app.url}/reports/${id}`);
    await assertClean('a report that is removed');
  });

  await t.test('policies and their changes are clean', async () => {
    const text = `${policyFile('healthcare-default@1').replace('version: 1', 'version: 2')}# more\n`;
    const second = { name: 'healthcare-default', version: 2, text, sha256Hex: hash('sha256', text) };
    await app.deps.policies.insert(accountId, second);
    await page.goto(`${app.url}/policies`);
    await assertClean('/policies');
    await press('tbody tr:first-child th a');
    await assertClean('a policy');
    await press('form.row button');
    await eventually('the changes are shown', () => page.$('ins'));
    await assertClean('the changes of a policy');
  });
});
