import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Logger, pino } from 'pino';
import puppeteer from 'puppeteer-core';
import { newId } from '../../shared/audit/ids.ts';
import { STORE_ROOT } from '../../shared/queues/jobs.ts';
import { storedAccess } from '../support/access-rows.ts';
import { assertError } from '../support/answers.ts';
import { WITH_CHROMIUM } from '../support/chromium.ts';
import { testRedisUrl, WITH_REDIS } from '../support/redis.ts';
import { startApp } from '../support/start-app.ts';

const BOARD = '/admin/queues';
const QUEUES = `${BOARD}/api/queues`;

async function startBoard(t: TestContext, log?: Logger) {
  const app = await startApp(t, { REDIS_URL: testRedisUrl() }, log && { log });
  const { accountId, cookie } = await app.addTenant('Clinic');
  const { redis, queues } = app.deps.pipeline!;
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  const admin = await app.login(accountId, ['admin']);
  const writer = await app.login(accountId, ['admin', 'admin:write']);
  const sessionId = newId('session');
  await queues.add(STORE_ROOT, { accountId, sessionId });
  return { app, cookie, admin, writer, accountId, jobId: STORE_ROOT.id({ accountId, sessionId }) };
}

test('without a Redis the dashboard is 503, and says which setting it lacks', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  await assertError(await app.get(BOARD), 401, 'unauthenticated');
  await assertError(await app.get(BOARD, cookie), 403, 'forbidden');
  const response = await app.get(BOARD, await app.login(accountId, ['admin']));
  assert.match(await response.clone().text(), /REDIS_URL/);
  await assertError(response, 503, 'unavailable');
});

test('the dashboard of the queues', WITH_REDIS, async (t) => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const { app, cookie, admin, writer, accountId, jobId } = await startBoard(t, log);
  const pause = `${QUEUES}/store-root/pause`;
  const own = { Origin: app.url };
  const put = (path: string, by: string | null, headers: Record<string, string> = own) =>
    app.get(path, by, { method: 'PUT', headers });

  await t.test('401 without a login, pages and calls alike', async () => {
    for (const path of [BOARD, `${BOARD}/`, QUEUES, `${BOARD}/static/images/logo.svg`, `${BOARD}/x`]) {
      await assertError(await app.get(path), 401, 'unauthenticated');
    }
  });

  await t.test('403 for what tenants may do, and for admin:write without admin', async () => {
    await assertError(await app.get(BOARD, cookie), 403, 'forbidden');
    const half = await app.login(accountId, ['admin:write']);
    await assertError(await app.get(QUEUES, half), 403, 'forbidden');
  });

  await t.test('403 for any change without admin:write, and nothing is changed', async () => {
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
      await assertError(await app.get(pause, admin, { method }), 403, 'forbidden');
    }
    const seal = app.deps.pipeline!.queues.all.find(({ name }) => name === 'store-root');
    assert.equal(await seal?.isPaused(), false);
  });

  await t.test('403 for a change that another site has a browser send', async () => {
    for (const headers of [
      // Neither header: a browser states one of them with every change.
      {},
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      // Over plain HTTP a browser leaves the other header out.
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
    ] as Record<string, string>[]) {
      await assertError(await put(pause, writer, headers), 403, 'forbidden');
    }
  });

  await t.test('a page that was opened and a queue that was changed stand in the access record', async () => {
    const rows = storedAccess(app.database.db);
    await rows.deleteMany({});
    const recorded = async () =>
      (await rows.find({}).sort({ _id: 1 }).toArray()).map((row) => `${row.action} ${row.subject}`);
    assert.equal((await app.get(BOARD, admin)).status, 200);
    assert.equal((await app.get(QUEUES, admin)).status, 200);
    assert.equal((await app.get(BOARD, admin, { method: 'HEAD' })).status, 200);
    assert.deepEqual(await recorded(), [`admin.view ${BOARD}`]);
    await rows.deleteMany({});
    for (const act of ['pause', 'resume']) {
      assert.equal((await put(`${QUEUES}/store-root/${act}`, writer)).status, 200);
    }
    const changes = lines.filter(({ msg }) => msg === 'a queue was changed from the dashboard');
    assert.deepEqual(
      changes.map(({ queue, act, job, method, status }) => [queue, act, job, method, status]),
      ['pause', 'resume'].map((act) => ['store-root', act, null, 'PUT', 200]),
    );
    assert.equal(changes[0]?.account_id, accountId);
    assert.match(`${changes[0]?.user_id}`, /^usr_/);
    await put(`${QUEUES}/Ada%20Byron/pause`, writer);
    await put(pause, admin);
    assert.deepEqual(await recorded(), [
      'admin.change store-root',
      'admin.change store-root',
      'admin.change null',
    ]);
  });

  await t.test('404 for an unknown page, 422 for a call that cannot be read', async () => {
    for (const path of [
      `${BOARD}/nothing/at/all`,
      `${BOARD}/static/nothing.js`,
      `${BOARD}/static/..%2findex.ejs`,
    ]) {
      const response = await app.get(path, admin);
      assert.equal(response.status, 404, path);
      await assertError(response, 404, 'not_found');
    }
    const headers = { ...own, 'Content-Type': 'application/json' };
    const init = { method: 'POST', headers, body: '{' };
    await assertError(await app.get(`${QUEUES}/sweep/add`, writer, init), 422, 'validation_failed');
    assert.equal((await app.get('/admin/queuesx', admin)).status, 404);
    assert.equal((await app.get('/admin', admin)).status, 404);
  });

  await t.test('shows a login with admin the queues and their jobs, to be read only', async () => {
    const response = await app.get(`${QUEUES}?activeQueue=store-root`, admin);
    assert.equal(response.status, 200);
    const { queues } = (await response.json()) as {
      queues: { name: string; readOnlyMode: boolean; jobs: { id: string; data: object }[] }[];
    };
    assert.deepEqual(
      queues.map(({ name }) => name),
      [
        'aggregate-session',
        'store-root',
        'aggregate-hour',
        'make-report',
        'extend-account-log',
        'deliver-webhook',
        'sweep-webhooks',
        'sweep',
        'check-drift',
        'verify-logs',
      ],
    );
    assert.ok(queues.every(({ readOnlyMode }) => readOnlyMode));
    assert.deepEqual(
      queues[1]?.jobs.map(({ id }) => id),
      [jobId],
    );
    assert.deepEqual(Object.keys(queues[1]?.jobs[0]?.data ?? {}), ['accountId', 'sessionId']);
  });

  await t.test('lets a login with admin:write change them', async () => {
    assert.equal((await put(`${QUEUES}/store-root/${jobId}/clean`, writer)).status, 204);
    const { queue, act, job } = lines.findLast(({ msg }) => /a queue was changed/.test(`${msg}`)) ?? {};
    assert.deepEqual([queue, act, job], ['store-root', 'clean', jobId]);
    const seal = app.deps.pipeline!.queues.all.find(({ name }) => name === 'store-root');
    assert.equal(await seal?.getJob(jobId), undefined);
  });

  await t.test("the dashboard's pages load from this server only, uncached and unframed", async () => {
    for (const path of [BOARD, `${BOARD}/queue/sweep`]) {
      const { status, headers } = await app.get(path, admin);
      assert.equal(status, 200);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self';.*frame-ancestors 'self'$/);
      assert.doesNotMatch(policy, /https?:|\*|unsafe-eval/);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-frame-options'), 'SAMEORIGIN');
      assert.match(headers.get('x-request-id') ?? '', /^req_/);
    }
  });
});

test('a browser shows the queues', { skip: WITH_REDIS.skip || WITH_CHROMIUM.skip }, async (t) => {
  const { app, admin, writer, jobId } = await startBoard(t);
  const browser = await puppeteer.launch({
    executablePath: process.env.TEST_CHROME_PATH!,
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  try {
    const buttons: number[] = [];
    for (const cookie of [admin, writer]) {
      const page = await browser.newPage();
      const refused: string[] = [];
      page.on('requestfailed', (request) => refused.push(new URL(request.url()).host));
      page.on('pageerror', (error) => refused.push(String(error)));
      const [name = '', value = ''] = cookie.split('=');
      await browser.setCookie({ name, value, domain: '127.0.0.1' });
      await page.goto(`${app.url}${BOARD}/queue/store-root`);
      await page.waitForSelector(`xpath///*[contains(text(), '${jobId}')]`, { timeout: 20_000 });
      buttons.push(await page.$$eval('main button', (found) => found.length));
      assert.deepEqual(refused, []);
      await page.close();
    }
    const [toLook = 0, toChange = 0] = buttons;
    assert.ok(toLook < toChange, `${toLook} buttons for admin, ${toChange} with admin:write`);
  } finally {
    await browser.close();
  }
});
