import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Worker } from 'bullmq';
import { sessionsResponse } from '../../../api/http/session-summary.ts';
import { type RedactionCountResponse, redactionStatsResponse } from '../../../api/routes/stats/schema.ts';
import { computeKeyCheck } from '../../../shared/audit/chain.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { damagedRow, unknownKey } from '../../../shared/audit/verdict.ts';
import { queuePrefix } from '../../../shared/queues/queue-prefix.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { eventually } from '../../support/eventually.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { readFigures, readTable, textsOf } from '../../support/page-figures.ts';
import { type PageDocument, readPage, textOf } from '../../support/pages.ts';
import { startOwnRedis, WITH_REDIS } from '../../support/redis.ts';
import { addSession } from '../../support/sessions.ts';
import { startApp, type Tenant, type TestApp } from '../../support/start-app.ts';
import { withoutKey } from '../../support/unverifiable-mark.ts';

const FAULT = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null } as const;

async function open(app: TestApp, { cookie }: Pick<Tenant, 'cookie'>, window = '7d', zone = 'UTC') {
  const zoned = `${cookie}; masker_tz=${encodeURIComponent(zone)}`;
  return readPage(await app.get(`/?window=${window}`, zoned));
}

const attentionOf = (page: PageDocument) => textsOf(page, '[aria-labelledby="attention"] h3');

function stopClock(t: TestContext, at: string): void {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse(at) });
}

test('the numbers of the overview', async (t) => {
  // The clocks of New York went back on 1 November: the window of 24 hours has an hour twice.
  stopClock(t, '2026-11-01T15:20:00.000Z');
  const now = Date.now();
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const kinds = ['NAME', 'DOB', 'PHONE', 'SSN', 'EMAIL', 'MRN', 'ACCOUNT', 'ADDRESS', 'IP_ADDRESS', 'FAX'];
  for (let i = 0; i < 60; i += 1) {
    const startedAt = new Date(now - i * i * HOUR_MS * 0.2 - 1);
    const redactionsByKind = kinds.slice(0, i % 11).map((kind, k) => [kind, (i * 7 + k) % 5] as const);
    await addSession(app, tenant, { startedAt, redactionsByKind });
  }
  await addSession(app, tenant, { open: true, redactionsByKind: [['NAME', 50]] });
  const stranger = await app.addTenant('Stranger');
  await addSession(app, stranger, { redactionsByKind: [['NAME', 1_000]] });

  async function readApi(window: string, zone: string) {
    const bucket = window === '24h' ? 'hour' : 'day';
    const query = new URLSearchParams({ since: window, bucket, tz: zone, group_by: 'kind' });
    const stats = await app.get(`/api/v1/stats/redactions?${query}`, tenant.cookie);
    const list = await app.get(`/api/v1/sessions?since=${window}&limit=100`, tenant.cookie);
    return {
      rows: redactionStatsResponse.parse(await stats.json()).data,
      sessions: sessionsResponse.parse(await list.json()).data,
    };
  }

  for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']) {
    for (const window of ['24h', '7d', '30d']) {
      await t.test(`they are those of the API for ${window} in ${zone}`, async () => {
        const page = await open(app, tenant, window, zone);
        const { rows, sessions } = await readApi(window, zone);
        const figures = readFigures(page);
        const total = rows.reduce((sum, { count }) => sum + count, 0);
        assert.ok(total > 0);
        assert.equal(figures.get('Redactions')?.value, total.toLocaleString('en'));
        assert.equal(figures.get('Sessions')?.value, String(sessions.length));
        const [, ...shown] = readTable(page, 'Redactions by kind');
        assert.deepEqual(
          shown.map((cells) => cells.slice(1).map(Number)),
          expectTable(rows),
        );
        const times = [...page.querySelectorAll('.chart tbody time')].map((time) =>
          time.getAttribute('datetime'),
        );
        assert.deepEqual(times, [...new Set(rows.map(({ start }) => start))]);
        const newest = [...page.querySelectorAll('a[href^="/sessions/"] code')].map(
          (code) => code.textContent,
        );
        assert.deepEqual(
          newest.slice(-Math.min(10, sessions.length)),
          sessions.slice(0, 10).map(({ id }) => id),
        );
      });
    }
  }

  await t.test('an hour that clocks show twice is there twice', async () => {
    const page = await open(app, tenant, '24h', 'America/New_York');
    const hours = textsOf(page, '.chart tbody th').filter((hour) => hour.includes('1 Nov 2026, 01:00'));
    assert.deepEqual(hours, ['1 Nov 2026, 01:00 GMT-4', '1 Nov 2026, 01:00 GMT-5']);
  });
});

/** The table of a chart: the seven largest kinds by name, the others together, and all. */
function expectTable(rows: readonly RedactionCountResponse[]): number[][] {
  const totals = new Map<string, number>();
  for (const { key, count } of rows) if (key !== null) totals.set(key, (totals.get(key) ?? 0) + count);
  const bySize = [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
  const named = (bySize.length > 8 ? bySize.slice(0, 7) : bySize).sort();
  return [...new Set(rows.map(({ start }) => start))].map((start) => {
    const own = rows.filter((row) => row.start === start);
    const count = (key: string) => own.find((row) => row.key === key)?.count ?? 0;
    const all = own.reduce((sum, row) => sum + row.count, 0);
    const shown = named.map(count);
    const others = bySize.length > 8 ? [all - shown.reduce((sum, each) => sum + each, 0)] : [];
    return [...shown, ...others, all];
  });
}

test('what needs attention', async (t) => {
  const app = await startApp(t);
  const healthy = () => ({ events: [redaction('NAME')], startedAt: new Date(Date.now() - HOUR_MS) });

  await t.test(
    'nothing does in an account without sessions, nor in one whose logs are in order',
    async () => {
      const tenant = await app.addTenant('Well');
      for (const _ of ['empty', 'with a session']) {
        const page = await open(app, tenant);
        assert.match(textOf(page), /Needs attention Nothing needs attention\./);
        assert.equal(page.querySelectorAll('.notice').length, 0);
        await addSessionWithLog(app, tenant, healthy());
      }
      assert.deepEqual(readFigures(await open(app, tenant)).get('Pipeline lag')?.value, 'off');
    },
  );

  await t.test('failed and unverifiable logs are named, worst first, each with the next step', async () => {
    const tenant = await app.addTenant('Ill');
    const { accountId } = tenant;
    const sessions = [];
    for (let i = 0; i < 10; i += 1) sessions.push(await addSessionWithLog(app, tenant, healthy()));
    for (const { id } of sessions.slice(0, 7)) await app.deps.sessions.markFailed(accountId, id, FAULT);
    await app.deps.sessions.markUnverifiable(accountId, sessions[8]!.id, unknownKey('k_lost'));
    await app.deps.sessions.markUnverifiable(accountId, sessions[9]!.id, damagedRow('policy_version'));
    const page = await open(app, tenant);
    assert.deepEqual(attentionOf(page), [
      '7 logs failed verification: they are not as written',
      '2 logs could not be verified when last looked at',
    ]);
    const [failed, unverifiable] = textsOf(page, '.notice');
    assert.match(
      failed!,
      /failed: altered at entry 3.*Next: keep the database as it is.*npm run verify -- sess_/,
    );
    assert.match(unverifiable!, /needs audit key k_lost.*Next: configure the audit key.*AUDIT_KEYS/);
    assert.match(unverifiable!, /has a damaged row: policy_version .*compare a damaged row with a backup/);
    assert.equal(page.querySelectorAll('.notice.bad li a[href^="/sessions/sess_"]').length, 5);
    const figures = readFigures(page);
    for (const [name, count] of [
      ['Failed logs', 7],
      ['Unverifiable logs', 2],
      ['Unsealed logs', 0],
    ] as const) {
      const { value, href } = figures.get(name)!;
      assert.equal(value, String(count));
      assert.equal(await countListed(app, tenant, href!), count, name);
    }
    const all = page.querySelector('.notice.bad p a')?.getAttribute('href');
    assert.equal(await countListed(app, tenant, all!), 7);
  });

  await t.test('a log that failed before the window needs attention all the same', async () => {
    const tenant = await app.addTenant('Old');
    const startedAt = new Date(Date.now() - 400 * DAY_MS);
    for (let i = 0; i < 6; i += 1) {
      const { id } = await addSessionWithLog(app, tenant, { ...healthy(), startedAt });
      await app.deps.sessions.markFailed(tenant.accountId, id, FAULT);
    }
    const page = await open(app, tenant, '24h');
    assert.deepEqual(attentionOf(page), ['6 logs failed verification: they are not as written']);
    assert.equal(readFigures(page).get('Failed logs')?.value, '0');
    const all = page.querySelector('.notice.bad p a')?.getAttribute('href');
    assert.equal(await countListed(app, tenant, all!), 6);
  });

  await t.test('marks that no writer leaves are shown, and lead to no broken link', async () => {
    const tenant = await app.addTenant('Odd');
    const rows = app.database.db.collection<{ _id: string }>('sessions');
    const found_at = new Date();
    for (const log_failed of [{ found_at }, { found_at, fault: { $ne: 1 }, seq: '<b>' }, [{ found_at }]]) {
      const { id } = await addSessionWithLog(app, tenant, healthy());
      await rows.updateOne(
        { _id: id },
        { $set: { log_failed, ...withoutKey('<script>'), started_at: [found_at] } },
      );
    }
    for (const started_at of [new Date(-8.64e15), new Date(8.64e15), null]) {
      const { id } = await addSessionWithLog(app, tenant, healthy());
      await app.deps.sessions.markFailed(tenant.accountId, id, FAULT);
      await rows.updateOne({ _id: id }, { $set: { started_at } });
    }
    const page = await open(app, tenant);
    assert.equal(attentionOf(page)[0], '6 logs failed verification: they are not as written');
    assert.match(textOf(page), /failed: unknown.*needs audit key <script>/);
    const all = page.querySelector('.notice.bad p a')?.getAttribute('href');
    await readPage(await app.get(all!, tenant.cookie));
  });

  await t.test('a session that ended without a seal needs attention', async () => {
    const tenant = await app.addTenant('Unsealed');
    const { id } = await addSessionWithLog(app, tenant, { ...healthy(), open: true });
    await app.database.db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: id }, { $set: { ended_at: new Date() } });
    const page = await open(app, tenant);
    assert.deepEqual(attentionOf(page), [
      '1 session ended without a seal: the last entries of its log may have been cut',
    ]);
    assert.equal(page.querySelector('.notice li a')?.getAttribute('href'), `/sessions/${id}`);
    assert.equal(readFigures(page).get('Unsealed logs')?.value, '1');
  });

  await t.test('an account is told of the keys that its own logs lack, and not of another’s', async () => {
    const [lost, well] = [await app.addTenant('Lost'), await app.addTenant('Other')];
    await addSession(app, lost);
    await addSession(app, lost);
    const page = await open(app, lost);
    assert.equal(attentionOf(page)[0], 'Logs need an audit key: k_test does not match (2 sessions)');
    assert.match(textOf(page), /Next: set AUDIT_KEYS on the server/);
    assert.match(textOf(await open(app, well)), /Nothing needs attention\./);
    assert.match(JSON.stringify(await (await app.get('/health')).json()), /k_test does not match/);
  });
});

test('a key whose scope leaves out the account’s logs is to be widened, not brought back', async (t) => {
  const app = await startApp(t, { AUDIT_KEYS: `k_test:${'1f'.repeat(32)};account=${newId('account')}` });
  const tenant = await app.addTenant('Clinic');
  const { id } = await addSession(app, tenant);
  await app.database.db
    .collection<{ _id: string }>('sessions')
    .updateOne({ _id: id }, { $set: { 'log.key_check': computeKeyCheck(app.config.auditKeys[0]!.bytes) } });
  const page = await open(app, tenant);
  assert.equal(
    attentionOf(page)[0],
    'Logs need an audit key: k_test is out of scope (1 session; ;account= is missing for 1 account)',
  );
  assert.match(textOf(page), /widen its scope in AUDIT_KEYS/);
  assert.doesNotMatch(textOf(page), /values that these logs were signed with/);
});

/** How many rows the list has that a link leads to. */
async function countListed(app: TestApp, { cookie }: Tenant, href: string): Promise<number> {
  const page = await readPage(await app.get(href, cookie));
  return page.querySelectorAll('tbody tr').length;
}

test('the overview while the pipeline has trouble', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const app = await startApp(t, { REDIS_URL: redis.url });
  const tenant = await app.addTenant('Clinic');
  await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
  const setChange = (accountId: string, agoMs: number) =>
    app.database.db
      .collection('sessions')
      .updateMany({ account_id: accountId }, { $set: { changed_at: new Date(Date.now() - agoMs) } });

  await t.test(
    'it says that no worker is connected, and how long the account’s own change waits',
    async () => {
      await setChange(tenant.accountId, 3 * HOUR_MS);
      const page = await open(app, tenant);
      assert.match(attentionOf(page)[0]!, /no worker is connected/);
      assert.match(readFigures(page).get('Pipeline lag')?.value ?? '', /^3 h 00 min/);
      const other = await app.addTenant('Other');
      assert.equal(readFigures(await open(app, other)).get('Pipeline lag')?.value, 'none');
    },
  );

  await t.test('it says that a queue is paused', async () => {
    const { queues } = app.deps.pipeline!;
    const connection = openRedis(redis.url, 'worker');
    const prefix = queuePrefix(app.database.name);
    const workers = queues.all.map(({ name }) => new Worker(name, async () => {}, { connection, prefix }));
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    await queues.all[0]?.pause();
    await eventually('a queue is said to be paused', async () => {
      assert.match(attentionOf(await open(app, tenant)).join(), /is paused, in one of its queues/);
    });
    await queues.all[0]?.resume();
    await Promise.all(workers.map((worker) => worker.close()));
    connection.disconnect();
  });

  await t.test('it is shown without a Redis, and says so in its place', async () => {
    await redis.stop();
    const page = await open(app, tenant);
    assert.match(attentionOf(page)[0]!, /Redis does not answer/);
    assert.equal(readFigures(page).get('Redactions')?.value, '1');
  });

  await t.test('it does not wait for a Redis that never answers', { timeout: 60_000 }, async () => {
    await redis.start();
    delete app.deps.pipeline!.redis.options.commandTimeout;
    await redis.whileHalted(async () => {
      assert.match(attentionOf(await open(app, tenant))[0]!, /Redis does not answer/);
    });
  });
});

test('the overview as a page', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');

  await t.test('422 for a window that it does not have', async () => {
    for (const query of ['window=1y', 'window=7d&window=7d', 'since=7d']) {
      await readPage(await app.get(`/?${query}`, tenant.cookie), 422);
    }
  });

  await t.test(
    'it looks back on 7 days unless another window is chosen, in place or as a whole',
    async () => {
      const page = await readPage(await app.get('/?window=', tenant.cookie));
      const choices = [...page.querySelectorAll('.choice a')];
      assert.deepEqual(
        choices.map((link) => [
          link.getAttribute('href'),
          link.getAttribute('hx-get'),
          link.getAttribute('aria-current'),
        ]),
        ['24h', '7d', '30d'].map((window) => [
          `/?window=${window}`,
          `/?window=${window}`,
          window === '7d' ? 'true' : null,
        ]),
      );
      assert.equal(
        page.querySelector('[data-announce]')?.getAttribute('data-announce'),
        'Showing the last 7 days',
      );
    },
  );

  await t.test('a time zone that no database has is UTC', async () => {
    await addSession(app, tenant, { redactionsByKind: [['NAME', 1]] });
    for (const zone of ['Mars/Olympus', '+02:00', '', 'x'.repeat(80), '<b>']) {
      const page = await open(app, tenant, '24h', zone);
      assert.match(textOf(page), /Times are in UTC/, zone);
    }
  });

  await t.test('kinds and names of agents are text', async () => {
    // An account for each text: a page that holds all texts before it takes longer with each one.
    for (const [i, text] of HOSTILE_TEXTS.entries()) {
      const hostile = await app.addTenant('One kind');
      const agentId = newId('agent');
      await app.deps.agents.upsert(hostile.accountId, { id: agentId, name: text, policyName: text });
      await addSession(app, hostile, { agentId, redactionsByKind: [[text, 1_000 - i]] });
      const page = await open(app, hostile, '24h');
      assertOnlyText(page, text);
      const [headings] = readTable(page, 'Redactions by kind');
      assert.equal(headings?.length, 2, text);
    }
    const all = await app.addTenant('All kinds');
    for (const [i, text] of HOSTILE_TEXTS.entries()) {
      const agentId = newId('agent');
      await app.deps.agents.upsert(all.accountId, { id: agentId, name: text, policyName: text });
      await addSession(app, all, { agentId, redactionsByKind: [[text, 1_000 - i]] });
    }
    assertOnlyText(await open(app, all, '24h'), 'all texts at once');
  });
});

/** Fails where a text became an element, or holds a character that hides. */
function assertOnlyText(page: Awaited<ReturnType<typeof readPage>>, text: string): void {
  assert.equal(page.querySelectorAll('script').length, 3, text);
  const made = page.querySelectorAll('main :is(img, iframe, form, base, meta, b, foreignObject)');
  assert.equal(made.length, 0, text);
  assert.doesNotMatch(page.querySelector('main')?.innerHTML ?? '', /(?![\n\t])\p{C}/u);
}
