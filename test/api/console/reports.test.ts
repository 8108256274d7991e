// Reports in the console, over HTTP: the form, the report's page, the ledger.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { writeSession } from '../../support/audit-world.ts';
import { assertLeadsTo, assertNotFound, getPage, sendFormAs, showPage } from '../../support/console.ts';
import { eventually } from '../../support/eventually.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { createJobWorld, type JobWorld } from '../../support/report-jobs.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';

/** Of the hostile ones. */
const TEXTS_A_NAME = 8;
const REPORT = /^\/reports\/rep_[0-9A-Z]{26}$/;

/** A day from now, in UTC. */
const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** Orders the sessions of these days, which the world's sessions are of: also where the month has just begun. */
const RECENT = { scope: 'account', when: 'own', from: dayIn(-2), to: dayIn(1), tz: 'UTC', format: 'json' };

async function order(world: JobWorld, fields: Record<string, string> = {}): Promise<string> {
  const response = await sendFormAs(world.app, '/reports', { ...RECENT, ...fields }, world.cookie);
  return assertLeadsTo(response, REPORT).slice('/reports/'.length);
}

test('reports in the console', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl());
  openTestQueues(whole, world, testRedisUrl());
  await world.startWorkers();
  const { app, cookie } = world;

  await t.test('pages and forms check login, origin and permission before anything else', async () => {
    const id = newId('report');
    const weak = await app.login(world.accountId, ['sessions:read']);
    for (const path of ['/reports', '/reports/new', `/reports/${id}`]) {
      const signIn = await app.get(path, null, { redirect: 'manual' });
      assertLeadsTo(signIn, /^\/sign-in\?next=/);
      assert.equal((await app.get(path, weak)).status, 403, path);
    }
    for (const path of ['/reports', `/reports/${id}/cancel`, `/reports/${id}/again`]) {
      assert.equal((await sendFormAs(app, path, {}, weak)).status, 403, path);
      for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }]) {
        const foreign = await sendFormAs(app, path, {}, cookie, headers as Record<string, string>);
        assert.equal(foreign.status, 403, `${path} ${JSON.stringify(headers)}`);
      }
    }
    assert.equal(await world.db.collection('report_jobs').countDocuments(), 0);
  });

  await t.test('the form as it comes orders last month on the whole account as a PDF', async () => {
    const { document, text } = await getPage(app, '/reports', cookie);
    const form = document.querySelector('form[action="/reports"]');
    assert.equal(form?.getAttribute('method'), 'post');
    const checked = [...document.querySelectorAll('form.order input[checked]')].map(
      (input) => `${input.getAttribute('name')}=${input.getAttribute('value')}`,
    );
    assert.deepEqual(checked, ['scope=account', 'when=last_month', 'format=pdf', 'exceptions=refuse']);
    assert.equal(document.querySelector('select[name=tz] option[selected]')?.getAttribute('value'), 'UTC');
    assert.match(text, /No report is under way/);
    assert.match(text, /No report was issued yet/);
    const zoned = await getPage(app, '/reports', `${cookie}; masker_tz=Asia%2FTokyo`);
    const zone = zoned.document.querySelector('select[name=tz] option[selected]');
    assert.equal(zone?.getAttribute('value'), 'Asia/Tokyo');
  });

  await t.test('a report is ordered, becomes ready, is downloaded, and stands in the ledger', async () => {
    const id = await order(world);
    await world.until(id, 'ready');
    const page = await getPage(app, `/reports/${id}`, cookie);
    const content = page.document.querySelector('#download')?.getAttribute('href') ?? '';
    const response = await app.get(content, cookie);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { report } = JSON.parse(Buffer.from(bytes).toString()) as { report: Record<string, unknown> };
    assert.deepEqual([report.id, report.sessions_total], [id, 3]);
    assert.ok(page.text.includes(hash('sha256', bytes)), 'the SHA-256 is shown');
    assert.ok(page.text.includes(String(report.merkle_root_hex)), 'the root is shown');
    const [, name = ''] = /filename="(.*)"/.exec(response.headers.get('Content-Disposition') ?? '') ?? [];
    const fileName = name || page.document.querySelector('dd code')?.textContent;
    assert.ok(page.text.includes(`npm run verify -- ${fileName}`));
    assert.equal(page.document.querySelector('[hx-sse\\:connect]'), null);

    const list = await getPage(app, '/reports', cookie);
    assert.equal(list.document.querySelectorAll(`main a[href="${content}"]`).length, 2);
    assert.match(list.text, /Whole account/);
    assert.match(list.text, /Test User/);
    assert.ok(list.source.includes(hash('sha256', bytes)), 'the whole digest is in the ledger');

    await world.remove(id);
    const gone = await getPage(app, `/reports/${id}`, cookie);
    assert.match(gone.text, /The file is removed/);
    assert.ok(gone.document.querySelector(`form[action="/reports/${id}/again"] button`));
    const after = await getPage(app, '/reports', cookie);
    assert.equal(after.document.querySelectorAll(`main a[href="${content}"]`).length, 0);
    assert.ok(after.text.includes(id), 'the ledger keeps it');
  });

  await t.test('the form orders what the request with Prefer: respond-async orders', async () => {
    const session = await writeSession(world, 12, { accountId: world.accountId });
    const own = { when: 'own', from: '2026-01-01', to: '2026-12-31', tz: 'Europe/Berlin' };
    const fields = { ...own, scope: 'agent', agent_id: session.agentId, format: 'csv', exceptions: 'list' };
    const id = await order(world, fields);
    const byRoute = await world.send(
      'since=2025-12-31T23:00:00Z&until=2026-12-31T23:00:00Z&tz=Europe/Berlin&format=csv&exceptions=list',
      cookie,
      `/api/v1/agents/${session.agentId}/report`,
    );
    const routed = (await byRoute.json()) as Record<string, unknown>;
    const status = (await world.status(id)) as unknown as Record<string, unknown>;
    for (const name of ['scope', 'agent_id', 'window', 'format', 'exceptions']) {
      assert.deepEqual(status[name], routed[name], name);
    }
    await world.until(id, 'ready');
    await world.until(String(routed.id), 'ready');
  });

  await t.test('a PDF is ordered on the paper that was chosen, else on the account’s', async () => {
    const jobs = world.db.collection<{ _id: string; paper: string }>('report_jobs');
    for (const [chosen, paper] of [
      ['letter', 'letter'],
      ['', 'a4'],
    ] as const) {
      const id = await order(world, { format: 'pdf', paper: chosen });
      assert.equal((await jobs.findOne({ _id: id }))?.paper, paper);
      await world.remove(id);
    }
    const { id } = await writeSession(world, 1, { accountId: world.accountId });
    const session = { scope: 'session', session_id: id, format: 'pdf', paper: 'letter' };
    const sent = await sendFormAs(app, '/reports', session, cookie);
    assert.equal(sent.headers.get('Location'), `/api/v1/sessions/${id}/report?format=pdf&paper=letter`);
    const wrong = await showPage(
      await sendFormAs(app, '/reports', { ...RECENT, format: 'pdf', paper: 'a3' }, cookie),
    );
    assert.match(wrong.document.querySelector('[role=alert]')?.textContent ?? '', /Choose the paper/);
  });

  await t.test('a wrong field shows the form again, with what is wrong and what was chosen', async () => {
    const wrong = { ...RECENT, when: 'own', from: '2026-09-02', to: '2026-09-01', format: 'csv' };
    const page = await showPage(await sendFormAs(app, '/reports', wrong, cookie));
    assert.equal(page.status, 422);
    assert.match(page.document.querySelector('[role=alert]')?.textContent ?? '', /exchange the two dates/);
    assert.ok(page.document.querySelector('input[name=when][value=own][checked]'));
    assert.ok(page.document.querySelector('input[name=format][value=csv][checked]'));
    assert.equal(page.document.querySelector('input[name=from]')?.getAttribute('value'), '2026-09-02');
    for (const text of HOSTILE_TEXTS) {
      const fields = { scope: 'session', session_id: text, from: text, to: text, tz: text };
      const shown = await showPage(await sendFormAs(app, '/reports', fields, cookie));
      assert.equal(shown.status, 422);
    }
    for (const name of ['scope', 'when', 'format', 'exceptions', 'tz'] as const) {
      const shown = await showPage(
        await sendFormAs(app, '/reports', { ...RECENT, [name]: String(HOSTILE_TEXTS[1]) }, cookie),
      );
      assert.equal(shown.status, 422, name);
    }
  });

  await t.test('a report on one session is the API’s own, once the session is found', async () => {
    const session = await writeSession(world, 5, { accountId: world.accountId });
    const fields = { scope: 'session', session_id: session.id, format: 'json' };
    const path = assertLeadsTo(await sendFormAs(app, '/reports', fields, cookie), /^\/api\/v1\/sessions\//);
    assert.equal(path, `/api/v1/sessions/${session.id}/report?format=json`);
    const { report } = (await (await app.get(path, cookie)).json()) as { report: Record<string, unknown> };
    assert.equal(report.session_id, session.id);
    const foreign = await writeSession(world, 5);
    for (const id of [foreign.id, newId('session')]) {
      await assertNotFound(await sendFormAs(app, '/reports', { ...fields, session_id: id }, cookie));
    }
    const agent = { ...RECENT, scope: 'agent', agent_id: foreign.agentId };
    await assertNotFound(await sendFormAs(app, '/reports', agent, cookie));
  });

  await t.test('a link opens the form with its choices set, on what the account has alone', async () => {
    const session = await writeSession(world, 5, { accountId: world.accountId });
    const foreign = await writeSession(world, 5);
    const byAgent = await getPage(app, `/reports/new?scope=agent&agent_id=${session.agentId}`, cookie);
    assert.ok(byAgent.document.querySelector('input[value=agent][checked]'));
    const chosen = byAgent.document.querySelector('select[name=agent_id] option[selected]');
    assert.equal(chosen?.getAttribute('value'), session.agentId);
    const bySession = await getPage(app, `/reports/new?scope=session&session_id=${session.id}`, cookie);
    const field = bySession.document.querySelector('input[name=session_id]');
    assert.equal(field?.getAttribute('value'), session.id);
    for (const query of [
      `agent_id=${foreign.agentId}`,
      `session_id=${foreign.id}`,
      `agent_id=${newId('agent')}`,
    ]) {
      await assertNotFound(await app.get(`/reports/new?${query}`, cookie));
    }
    assert.equal((await app.get('/reports/new?scope=all', cookie)).status, 422);
  });

  await t.test(
    'another account’s report is the same page as an unknown one, and stays as it is',
    async () => {
      const id = await order(world);
      const { cookie: other } = await app.addTenant('Other');
      const unknown = await assertNotFound(await app.get(`/reports/${newId('report')}`, other));
      for (const named of [id, 'rep_1', '%zz', '%22%3E%3Cscript%3E']) {
        const page = await assertNotFound(await app.get(`/reports/${named}`, other));
        assert.equal(page.text, unknown.text);
        await assertNotFound(await sendFormAs(app, `/reports/${named}/cancel`, {}, other));
        await assertNotFound(await sendFormAs(app, `/reports/${named}/again`, {}, other));
        assert.equal((await app.get(`/reports/${named}/events`, other)).status, 404);
      }
      await world.until(id, 'ready');
      const list = await getPage(app, '/reports', other);
      assert.ok(!list.text.includes(id));
    },
  );

  await t.test('a report that became ready is not cancelled any more', async () => {
    const id = await order(world);
    await world.until(id, 'ready');
    const response = await sendFormAs(app, `/reports/${id}/cancel`, {}, cookie);
    assert.equal(assertLeadsTo(response, REPORT), `/reports/${id}`);
    assert.equal((await world.status(id)).status, 'ready');
    assert.equal((await world.content(id)).status, 200);
  });

  await t.test('names of agents and users are text wherever they stand', async () => {
    // A name may be long: a few texts share one, since each name needs a report of its own.
    for (let from = 0; from < HOSTILE_TEXTS.length; from += TEXTS_A_NAME) {
      const name = HOSTILE_TEXTS.slice(from, from + TEXTS_A_NAME).join(' ');
      const agentId = newId('agent');
      await app.deps.agents.upsert(world.accountId, { id: agentId, name, policyName: name });
      const id = await order(world, { scope: 'agent', agent_id: agentId });
      await world.until(id, 'ready');
      await getPage(app, `/reports/${id}`, cookie);
    }
    const user = await app.deps.users.findOrCreate(world.accountId, String(HOSTILE_TEXTS[0]));
    const { token } = await app.deps.logins.issue(world.accountId, user?.id ?? '', ['reports:read']);
    const hostile = `masker_session=${token}`;
    const id = await world.until(await order({ ...world, cookie: hostile }), 'ready');
    const list = await getPage(app, '/reports?limit=100', hostile);
    assert.ok(list.text.includes(String(HOSTILE_TEXTS[0])) && list.text.includes(String(HOSTILE_TEXTS[1])));
    await getPage(app, `/reports/${id.id}`, hostile);
  });

  await t.test('a row that states no known time zone is shown all the same', async () => {
    const id = await order(world);
    await world.until(id, 'ready');
    const rows = world.db.collection<{ _id: string }>('report_jobs');
    for (const set of [
      { tz: 'Mars/Olympus', period: null },
      { tz: String(HOSTILE_TEXTS[0]), period: '2026-Q3' },
      { tz: '', period: '2026-09-14' },
      { tz: 'UTC', period: null, since: new Date(-8.64e15), until: new Date(8.64e15) },
    ]) {
      await rows.updateOne({ _id: id }, { $set: set });
      for (const path of ['/reports', `/reports/${id}`]) {
        const page = await getPage(app, path, cookie);
        assert.equal(page.status, 200, `${path} ${JSON.stringify(set)}`);
      }
    }
    await rows.deleteOne({ _id: id });
  });

  await t.test('a report whose order somebody changed is failed, under no name of his', async () => {
    const id = await order(world);
    await world.until(id, 'ready');
    const rows = world.db.collection<{ _id: string }>('report_jobs');
    const q3 = { since: new Date('2026-07-01T00:00:00Z'), until: new Date('2026-10-01T00:00:00Z') };
    await rows.updateOne({ _id: id }, { $set: { ...q3, period: '2026-Q3' } });
    const page = await getPage(app, `/reports/${id}`, cookie);
    assert.match(page.text, /Report whose order does not hold.*failed.*Order the report again/s);
    assert.equal(page.document.querySelector('#download, form[action$="/again"]'), null);
    for (const each of [page, await getPage(app, '/reports', cookie)]) {
      assert.ok(!/2026-Q3|>Q3 2026</.test(each.source));
      assert.ok(!each.source.includes(`/reports/${id}/content`));
    }
    const before = await rows.countDocuments();
    const again = await sendFormAs(app, `/reports/${id}/again`, {}, cookie);
    assertLeadsTo(again, new RegExp(`^/reports/${id}$`));
    assert.equal(await rows.countDocuments(), before);
    await rows.deleteOne({ _id: id });
  });

  await t.test('the ledger goes on by pages, and the form stands on the first alone', async () => {
    const first = await getPage(app, '/reports?limit=5', cookie);
    const next = first.document.querySelector('nav.pager a')?.getAttribute('href') ?? '';
    const second = await getPage(app, next, cookie);
    assert.equal(second.document.querySelector('form.order'), null);
    const ids = (page: typeof first) => [...new Set(page.source.match(/<code>rep_[0-9A-Z]{26}/g))];
    assert.equal(ids(first).length, 5);
    assert.equal(ids(second).filter((id) => ids(first).includes(id)).length, 0);
    const other = await app.addTenant('Other');
    assert.equal((await app.get(next, other.cookie)).status, 422);
  });

  await t.test('a failed log refuses the report, and one press lists it instead', async () => {
    const failed = await writeSession(world, 30, { accountId: world.accountId });
    const rows = world.db.collection<{ _id: string }>('sessions');
    await rows.updateOne({ _id: failed.id }, { $set: { 'log.seal': '0'.repeat(64) } });
    const id = await order(world);
    await world.until(id, 'failed');
    const page = await getPage(app, `/reports/${id}`, cookie);
    assert.match(page.text, new RegExp(`${failed.id} seal_mismatch`));
    const hidden = page.document.querySelector(`form[action="/reports/${id}/again"] input[name=exceptions]`);
    assert.equal(hidden?.getAttribute('value'), 'list');
    const again = await sendFormAs(app, `/reports/${id}/again`, { exceptions: 'list' }, cookie);
    const listed = assertLeadsTo(again, REPORT).slice('/reports/'.length);
    await world.until(listed, 'ready');
    const { report } = (await (await world.content(listed)).json()) as { report: Record<string, unknown> };
    assert.deepEqual([report.id, (report.exceptions as unknown[]).length], [listed, 1]);
    assert.match((await getPage(app, '/reports', cookie)).text, /See why/);
    const bad = await sendFormAs(app, `/reports/${id}/again`, { exceptions: 'hide' }, cookie);
    assert.equal(bad.status, 422);
  });
});

test('orders in the console that no worker takes', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl(), { env: { REPORT_QUEUE_LIMIT: '4' } });
  openTestQueues(whole, world, testRedisUrl());
  const { app, cookie } = world;
  const [first] = [await order(world), await order(world)];

  await t.test('an account that has its share under way is told what to do', async () => {
    const response = await sendFormAs(app, '/reports', RECENT, cookie);
    assert.ok(response.headers.has('Retry-After'));
    const page = await showPage(response);
    assert.equal(page.status, 503);
    assert.match(page.text, /Wait until one is ready, or cancel one/);
  });

  await t.test(
    'a report that waits shows its state, a way to cancel it, and goes on without scripts',
    async () => {
      const { document, text } = await getPage(app, `/reports/${first}`, cookie);
      assert.match(text, /waits for a worker/);
      assert.ok(document.querySelector('progress[aria-label]'));
      assert.ok(document.querySelector('noscript meta[http-equiv=refresh]'));
      assert.equal(
        document.querySelector('[hx-sse\\:connect]')?.getAttribute('hx-sse:connect'),
        `/reports/${first}/events`,
      );
      const cancelled = await sendFormAs(app, `/reports/${first}/cancel`, {}, cookie);
      assert.equal(assertLeadsTo(cancelled, REPORT), `/reports/${first}`);
      assert.match((await getPage(app, `/reports/${first}`, cookie)).text, /The report was cancelled/);
      assert.equal((await world.status(first)).error?.code, 'cancelled');
    },
  );
});

test('orders in the console while Redis is away', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const world = await createJobWorld(inReverse(t), redis.url);
  await redis.stop();
  const { app, cookie } = world;
  const fields = { ...RECENT, when: 'own', from: '2026-01-01', to: '2026-12-31', exceptions: 'list' };
  await eventually('Redis is known to be away', async () => {
    const page = await showPage(await sendFormAs(app, '/reports', fields, cookie));
    assert.equal(page.status, 503);
    assert.match(page.text, /the queue of the workers \(Redis\) does not answer/);
    assert.doesNotMatch(page.text, /Prefer:/);
    const direct = page.document.querySelector('main a.button')?.getAttribute('href') ?? '';
    const { report } = (await (await app.get(direct, cookie)).json()) as { report: Record<string, unknown> };
    assert.equal(report.sessions_total, 3);
  });
  assert.equal(await world.db.collection('report_jobs').countDocuments(), 0);
});

test('an order in the console that Redis refuses says so', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const { app, cookie, db } = await createJobWorld(inReverse(t), redis.url);
  const client = openRedis(redis.url, 'worker');
  t.after(() => client.disconnect());
  await client.config('SET', 'maxmemory', '1');
  await eventually('the API is connected, and refused', async () => {
    const page = await showPage(await sendFormAs(app, '/reports', RECENT, cookie));
    assert.equal(page.status, 503);
    assert.match(page.text, /the queue of the workers \(Redis\) takes no orders/);
  });
  assert.equal(await db.collection('report_jobs').countDocuments(), 0);
});
