// Whoever writes to the database can leave rows of any types. One such row must not end the pages of all others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Document } from 'mongodb';
import { sessionsResponse } from '../../api/http/session-summary.ts';
import { agentResponse, agentsResponse } from '../../api/routes/agents/schema.ts';
import { redactionStatsResponse } from '../../api/routes/stats/schema.ts';
import { HOURS } from '../../shared/aggregates/hour-repository.ts';
import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { SESSIONS } from '../../shared/sessions/session-row.ts';
import { addSession } from '../support/sessions.ts';
import { startApp, type TestApp } from '../support/start-app.ts';

type Row = Document & { _id: string };

const STARTED = new Date(Date.now() - 60_000);
const LONG = 'x'.repeat(2_000);

/** Values that place a session in a list; a row with one of these has no place. */
const UNPLACED = (accountId: string, agentId: string): Record<string, object> => ({
  'two accounts': { account_id: [newId('account'), accountId] },
  'an array of starts': { started_at: [STARTED, new Date(0)] },
  'a text as a start': { started_at: STARTED.toISOString() },
  'a number as a start': { started_at: STARTED.getTime() },
  'no start': { started_at: null },
  'a text as an end': { ended_at: '2026' },
  'a number as an end': { ended_at: 5 },
  'an array as an end': { ended_at: [STARTED] },
  'a number as an agent': { agent_id: 5 },
  'an array of agents': { agent_id: [agentId, agentId] },
  'a number that hides it': { importing: 1 },
});

/** Ids of no session, which sort before and behind the others. */
const MISNAMED = [1, 2, 3, { a: 1 }, true, '', 'x', `sess_${LONG}`, `zzz_${LONG}`, new Date(0)];

/** Counts that no writer stores. */
const UNCOUNTED: readonly unknown[] = [
  ...[null, 'x', 5, [1]],
  { redaction_count: 'x', redactions_by_kind: 5, redactions_by_pass: {}, rehydration_failure_count: [] },
  { redaction_count: -1, redactions_by_kind: [null], redactions_by_pass: [['gemma']] },
  { redaction_count: 0.5, redactions_by_kind: [[1, 2]], redactions_by_pass: [['gemma', 'x']] },
];

async function readAll(app: TestApp, path: string, cookie: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const url = `${path}?limit=2${cursor && `&cursor=${cursor}`}`;
    const response = await app.get(url, cookie);
    assert.equal(response.status, 200, await response.clone().text());
    const schema = path.endsWith('/agents') ? agentsResponse : sessionsResponse;
    const { data, next_cursor } = schema.parse(await response.json());
    assert.ok(data.length === 2 || next_cursor === null, 'a page before the last is full');
    ids.push(...data.map(({ id }) => id));
    cursor = next_cursor;
  }
  return ids;
}

test('rows of types that no writer stores', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId, cookie } = tenant;
  const rows = app.database.db.collection<Row>(SESSIONS);
  const add = () => addSession(app, tenant, { startedAt: STARTED, redactionsByKind: [['NAME', 2]] });

  const added = [await add(), await add(), await add(), await add(), await add()];
  const expected = added.map(({ id }) => id).sort((a, b) => (a < b ? 1 : -1));
  const { _id: _, ...plain } = (await rows.findOne({ _id: added[0]!.id }))!;

  async function assertListed(): Promise<void> {
    for (const path of ['/api/v1/sessions', `/api/v1/agents/${agentId}/sessions`]) {
      assert.deepEqual(await readAll(app, path, cookie), expected, path);
    }
    for (const since of ['24h', '360d']) {
      const url = `/api/v1/stats/redactions?bucket=day&since=${since}`;
      const response = await app.get(url, cookie);
      assert.equal(response.status, 200, await response.clone().text());
      const { data } = redactionStatsResponse.parse(await response.json());
      const total = data.reduce((sum, { count }) => sum + count, 0);
      assert.equal(total, 2 * expected.length, 'statistics count what lists list');
    }
    const agent = agentResponse.parse(await (await app.get(`/api/v1/agents/${agentId}`, cookie)).json());
    assert.equal(agent.session_count_24h, expected.length);
    assert.equal((await app.get('/metrics')).status, 200);
    assert.equal((await app.get('/health')).status, 200);
  }

  await t.test('rows whose id no session can have are passed over, and paging goes on', async () => {
    await rows.insertMany(MISNAMED.map((_id) => ({ ...plain, _id: _id as string })));
    await assertListed();
  });

  for (const [what, fields] of Object.entries(UNPLACED(accountId, agentId))) {
    await t.test(`rows with ${what} are passed over, and paging goes on`, async () => {
      const odd = [1, 2, 3].map(() => ({ ...plain, ...fields, _id: newId('session') }));
      await rows.insertMany(odd);
      await assertListed();
    });
  }

  await t.test('a row without counts that can be read is listed with none', async () => {
    const [odd] = added as [Session];
    for (const aggregate of UNCOUNTED) {
      await rows.updateOne({ _id: odd.id }, { $set: { aggregate } });
      for (const path of ['/api/v1/sessions', `/api/v1/agents/${agentId}/sessions`]) {
        assert.deepEqual(await readAll(app, path, cookie), expected);
      }
      const response = await app.get('/api/v1/stats/redactions?group_by=kind&bucket=day', cookie);
      const { data } = redactionStatsResponse.parse(await response.json());
      assert.deepEqual(
        data.map(({ count }) => count).filter((count) => count > 0),
        [2 * (expected.length - 1)],
      );
    }
    await rows.updateOne({ _id: odd.id }, { $set: { aggregate: plain.aggregate } });
  });

  await t.test('a row with an odd time of its change ends neither /metrics nor /health', async () => {
    for (const changed_at of [[STARTED, new Date(0)], 5, 'x', null]) {
      await rows.insertOne({ ...plain, _id: newId('session'), started_at: new Date(0), changed_at });
      await assertListed();
    }
  });

  await t.test('an odd sum of an hour is as good as none', async () => {
    const hour = new Date(floorHour(STARTED.getTime()));
    await rows.updateMany({ account_id: accountId }, { $set: { stage: 'done' } });
    const hours = app.database.db.collection<Row>(HOURS);
    const sum = {
      ...{ account_id: accountId, agent_id: agentId, hour, version: 1, session_count: expected.length },
      ...{ sessions_by_status: [], redaction_count: 9, redactions_by_kind: [], redactions_by_pass: [] },
      ...{ rehydration_failure_count: 0, durations_ms: [], through: '' },
    };
    const odd: object[] = [
      { hour: [hour, hour] },
      ...[5, [5], 'x'].map((sessions_by_status) => ({ sessions_by_status })),
      ...[5, [5], [['a', 'b']]].map((redactions_by_kind) => ({ redactions_by_kind })),
      ...[5, [5], [['a', 1]]].map((durations_ms) => ({ durations_ms })),
      ...['5', null, [5]].map((session_count) => ({ session_count })),
    ];
    for (const fields of odd) {
      await hours.replaceOne({ _id: 'x' }, { ...sum, ...fields }, { upsert: true });
      await assertListed();
    }
  });

  await t.test(
    'agents whose id no agent can have are passed over; others are named by their id',
    async () => {
      const agents = app.database.db.collection<Row>('agents');
      const row = { account_id: accountId, name: 'odd', policy_name: 'p', deleted_at: null };
      await agents.insertMany(
        [1, 2, 3, true, 'x', `agt_${LONG}`].map((_id) => ({ ...row, _id: _id as string })),
      );
      const unnamed = [newId('agent'), newId('agent'), newId('agent')];
      await agents.insertMany(unnamed.map((_id) => ({ ...row, _id, name: 5, policy_name: [1] })));
      assert.deepEqual(await readAll(app, '/api/v1/agents', cookie), [agentId, ...unnamed].sort());
      await agents.updateOne({ _id: agentId }, { $set: { name: { $gt: 1 } } });
      const { data } = sessionsResponse.parse(await (await app.get('/api/v1/sessions', cookie)).json());
      assert.deepEqual(new Set(data.map(({ agent_name }) => agent_name)), new Set([agentId]));
    },
  );
});
