import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROUTES } from '../../../../api/routes/index.ts';
import { type RedactionCountResponse, redactionStatsResponse } from '../../../../api/routes/stats/schema.ts';
import { runImport } from '../../../../scripts/import.ts';
import { PERMISSIONS } from '../../../../shared/accounts/permissions.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { aggregateHour } from '../../../../workers/jobs/aggregate-hour.ts';
import { assertError } from '../../../support/answers.ts';
import { bundleDir, readExpected } from '../../../support/bundles.ts';
import { commandEnv } from '../../../support/commands.ts';
import { openTestDatabase } from '../../../support/mongo.ts';
import { type NaiveSession, readNaiveSessions } from '../../../support/naive-sums.ts';
import { runHere } from '../../../support/run-here.ts';
import { addSession } from '../../../support/sessions.ts';
import { startApp, type TestApp } from '../../../support/start-app.ts';
import { createHourWorld } from '../../../support/summed-hours.ts';

const ROUTE = '/api/v1/stats/redactions';

async function read(app: TestApp, cookie: string, query: Record<string, string>) {
  const response = await app.get(`${ROUTE}?${new URLSearchParams(query)}`, cookie);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return redactionStatsResponse.parse(JSON.parse(text)).data;
}

test('statistics of redactions', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId, cookie } = tenant;

  await t.test('401 without a login', async () => {
    await assertError(await app.get(`${ROUTE}?bucket=week`), 401, 'unauthenticated');
  });

  await t.test('403 without sessions:read', async () => {
    const other = await app.login(accountId, ['agents:read', 'reports:read']);
    await assertError(await app.get(`${ROUTE}?bucket=week`, other), 403, 'forbidden');
  });

  await t.test('422 for a bad parameter, which is named', async () => {
    for (const [query, param] of [
      ['since=yesterday', 'since'],
      ['until=24h', 'until'],
      ['bucket=week', 'bucket'],
      ['bucket=', 'bucket'],
      ['bucket=day&bucket=day', 'bucket'],
      ['tz=%2B05:30', 'tz'],
      ['tz=-03', 'tz'],
      ['tz=', 'tz'],
      ['tz=Mars/Olympus', 'tz'],
      ['tz=2020-01-01T00:00[Asia/Kolkata]', 'tz'],
      ['tz=UTC&tz=UTC', 'tz'],
      ['agent_id=x', 'agent_id'],
      [`agent_id=${agentId}&agent_id=${agentId}`, 'agent_id'],
      ['group_by=status', 'group_by'],
      ['group_by=kind&group_by=pass', 'group_by'],
      ['since=2026-05-02T00:00:00Z&until=2026-05-02T00:00:00Z', 'since'],
      ['until=2000-01-01T00:00:00Z', 'since'],
    ] as const) {
      await assertError(await app.get(`${ROUTE}?${query}`, cookie), 422, 'validation_failed', param);
    }
  });

  await t.test('422 for more than 10,000 buckets, and what to do', async () => {
    const window = 'since=2000-01-01T00:00:00Z&until=2001-02-20T16:00:00';
    assert.equal((await read(app, cookie, parse(`${window}Z`))).length, 10_000);
    const response = await app.get(`${ROUTE}?${window}.001Z`, cookie);
    assert.equal(response.status, 422);
    assert.match(await response.text(), /10000 buckets: take bucket=day/);
    const ages = 'since=0000-01-01T00:00:00Z&until=9999-12-31T23:59:59Z&bucket=day&tz=America/New_York';
    await assertError(await app.get(`${ROUTE}?${ages}`, cookie), 422, 'validation_failed', 'since');
  });

  await t.test('422 for a since after its until, on every route that takes both', async () => {
    const all = await app.login(accountId, PERMISSIONS);
    const routes = ROUTES.filter(({ query }) => 'since' in query.shape);
    assert.ok(routes.length >= 6, `${routes.length} routes take since`);
    const window = 'since=2026-05-02T00:00:00.001Z&until=2026-05-02T00:00:00Z';
    for (const { path } of routes) {
      const answer = await app.get(`${path.replace('{agent_id}', agentId)}?${window}`, all);
      assert.equal(answer.status, 422, path);
    }
  });

  await t.test('statistics without parameters cover the last 24 hours of UTC', async () => {
    const rows = await read(app, cookie, {});
    // 24 where the test runs in the first millisecond of an hour.
    assert.ok(rows.length === 25 || rows.length === 24);
    assert.ok(rows.every(({ key, count }) => key === null && count === 0));
    const [from, to] = [rows[0]!.start, rows.at(-1)!.end].map((time) => Date.parse(time)) as [number, number];
    assert.equal(to - from, 24 * 3_600_000);
    assertConsecutive(rows);
  });

  await t.test('the statistics of an unknown agent are zeros', async () => {
    await addSession(app, tenant, { redactionsByKind: [['NAME', 2]] });
    const window = { since: '1h', agent_id: newId('agent') };
    assert.ok((await read(app, cookie, window)).every(({ count }) => count === 0));
    const own = await read(app, cookie, { since: '1h', agent_id: agentId });
    assert.equal(total(own), 2);
    const { cookie: stranger } = await app.addTenant('Stranger');
    assert.equal(total(await read(app, stranger, { since: '1h', agent_id: agentId })), 0);
  });

  await t.test('kinds of any name are keys in order, and an empty bucket has none', async () => {
    const clinic = await app.addTenant('Names');
    const day = (hour: number) => new Date(`2026-05-02T${hour}:30:00.000Z`);
    await addSession(app, clinic, {
      startedAt: day(10),
      redactionsByKind: [
        ['10', 1],
        ['9', 2],
        ['NONE', 0],
        ['__proto__', 3],
      ],
    });
    await addSession(app, clinic, { startedAt: day(10), redactionsByKind: [['9', 5]] });
    await addSession(app, clinic, { startedAt: day(11), redactionsByKind: [['null', 1]] });
    await addSession(app, clinic, { startedAt: day(12), open: true, redactionsByKind: [['9', 5]] });
    const window = { since: '2026-05-02T10:00:00Z', until: '2026-05-02T13:00:00Z', group_by: 'kind' };
    const hour = (begin: number) => ({
      start: `2026-05-02T${begin}:00:00Z`,
      end: `2026-05-02T${begin + 1}:00:00Z`,
    });
    assert.deepEqual(await read(app, clinic.cookie, window), [
      { ...hour(10), key: '10', count: 1 },
      { ...hour(10), key: '9', count: 7 },
      { ...hour(10), key: '__proto__', count: 3 },
      { ...hour(11), key: 'null', count: 1 },
      { ...hour(12), key: null, count: 0 },
    ]);
  });
});

test('statistics of a real week', async (t) => {
  const database = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-stats-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const names = ['clinic-week', 'other-clinic'] as const;
  const auditKeys = (await Promise.all(names.map(readExpected))).map(({ audit_keys }) => audit_keys).join();
  for (const name of names) {
    const env = commandEnv(database, dataDir, auditKeys);
    const { code, stderr } = await runHere(runImport, [bundleDir(name)], env);
    assert.equal(code, 0, stderr);
  }
  const app = await startApp(t, { AUDIT_KEYS: auditKeys }, { database });
  const { account_id: accountId } = await readExpected('clinic-week');
  const cookie = await app.login(accountId);
  const sessions = readNaiveSessions('clinic-week');
  const agentId = sessions[0]!.agentId;

  const windows: Record<string, string>[] = [
    { since: '2026-05-01T00:00:00Z', until: '2026-05-08T00:00:00Z' },
    { since: '2026-04-30T23:59:59.999Z', until: '2026-05-08T00:00:00.001Z', bucket: 'day' },
    { since: '2026-05-01T07:13:21.5Z', until: '2026-05-06T18:00:00Z', bucket: 'day', tz: 'America/New_York' },
    { since: '2026-05-02T00:10:00Z', until: '2026-05-03T04:50:00Z', tz: 'Asia/Kolkata' },
    {
      since: '2026-05-01T00:00:00Z',
      until: '2026-05-08T00:00:00Z',
      bucket: 'day',
      tz: 'Australia/Lord_Howe',
    },
    { since: '2026-05-02T21:07:54.520Z', until: '2026-05-02T21:07:54.521Z' },
    { since: '2026-05-02T21:00:00Z', until: '2026-05-02T21:07:54.520Z' },
    { since: '2026-04-01T00:00:00Z', until: '2026-06-20T00:00:00Z', bucket: 'day' },
  ];

  async function compareAll(): Promise<void> {
    for (const window of windows) {
      for (const agent of [{}, { agent_id: agentId }]) {
        for (const group of [undefined, 'kind', 'pass', 'agent'] as const) {
          const query = { ...window, ...agent, ...(group && { group_by: group }) };
          const rows = await read(app, cookie, query);
          assertConsecutive(rows);
          assert.equal(Date.parse(rows[0]!.start), Date.parse(window.since!));
          assert.equal(Date.parse(rows.at(-1)!.end), Date.parse(window.until!));
          const own = 'agent_id' in query ? sessions.filter((each) => each.agentId === agentId) : sessions;
          assert.deepEqual(rows, countNaively(own, rows, group), JSON.stringify(query));
        }
      }
    }
  }

  await t.test('statistics summed from session rows equal the counts in the logs', compareAll);

  await t.test('statistics read from hour rows equal those summed from session rows', async () => {
    const world = createHourWorld(app.database.db);
    await world.markCounted();
    for (const hour of new Set(sessions.map((each) => `${each.agentId} ${each.hour}`))) {
      const [agent, time] = hour.split(' ') as [string, string];
      await aggregateHour(app.deps, accountId, agent, new Date(time));
    }
    const settled = { account_id: accountId, stage: 'done' };
    assert.equal(await app.database.db.collection('sessions').countDocuments(settled), sessions.length);
    await compareAll();
  });
});

function countNaively(
  sessions: readonly NaiveSession[],
  rows: readonly RedactionCountResponse[],
  group: 'kind' | 'pass' | 'agent' | undefined,
): RedactionCountResponse[] {
  return [...new Set(rows.map(({ start, end }) => `${start} ${end}`))].flatMap((bucket) => {
    const [start, end] = bucket.split(' ') as [string, string];
    const counts = new Map<string | null, number>();
    for (const { startedAt, agentId, redactions } of sessions) {
      if (Date.parse(startedAt) < Date.parse(start) || Date.parse(startedAt) >= Date.parse(end)) continue;
      for (const { kind, pass } of redactions) {
        const key = group ? { kind, pass, agent: agentId }[group] : null;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    if (counts.size === 0) counts.set(null, 0);
    const keys = [...counts.keys()].sort();
    return keys.map((key) => ({ start, end, key, count: counts.get(key) ?? 0 }));
  });
}

function assertConsecutive(rows: readonly RedactionCountResponse[]): void {
  for (const [i, row] of rows.entries()) {
    assert.ok(Date.parse(row.start) < Date.parse(row.end));
    const next = rows[i + 1];
    if (next) assert.ok(next.start === row.end || (next.start === row.start && next.end === row.end));
  }
}

const total = (rows: readonly RedactionCountResponse[]) => rows.reduce((sum, { count }) => sum + count, 0);
const parse = (query: string) => Object.fromEntries(new URLSearchParams(query));
