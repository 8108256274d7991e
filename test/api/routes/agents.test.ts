import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentResponse, agentsResponse } from '../../../api/routes/agents/schema.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { assertError } from '../../support/answers.ts';
import { addSession } from '../../support/sessions.ts';
import { startApp } from '../../support/start-app.ts';

test('agents', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId, cookie } = tenant;

  await t.test('401 without a login', async () => {
    await assertError(await app.get('/api/v1/agents'), 401, 'unauthenticated');
    await assertError(await app.get(`/api/v1/agents/${agentId}`), 401, 'unauthenticated');
  });

  await t.test('403 without agents:read', async () => {
    const other = await app.login(accountId, ['sessions:read', 'reports:read']);
    await assertError(await app.get('/api/v1/agents?limit=0', other), 403, 'forbidden');
    await assertError(await app.get('/api/v1/agents/x', other), 403, 'forbidden');
  });

  await t.test('404 for an id that is malformed or unknown', async () => {
    for (const id of ['x', '%zz', newId('agent'), agentId.toLowerCase()]) {
      await assertError(await app.get(`/api/v1/agents/${id}`, cookie), 404, 'agent_not_found');
    }
  });

  await t.test('422 for a bad limit or cursor', async () => {
    await assertError(await app.get('/api/v1/agents?limit=101', cookie), 422, 'validation_failed', 'limit');
    await assertError(await app.get('/api/v1/agents?cursor=e.y', cookie), 422, 'validation_failed', 'cursor');
  });

  await t.test('an agent without sessions has no latencies', async () => {
    const response = await app.get(`/api/v1/agents/${agentId}`, cookie);
    assert.equal(response.status, 200);
    assert.deepEqual(agentResponse.parse(await response.json()), {
      id: agentId,
      name: 'Clinic agent',
      policy_name: 'healthcare-default',
      session_count_24h: 0,
      session_count_7d: 0,
      redaction_count_24h: 0,
      p50_latency_ms: null,
      p95_latency_ms: null,
    });
  });

  await t.test('an agent has its rolling stats, alone and in the list', async () => {
    for (const hours of [1, 23, 25]) {
      const startedAt = new Date(Date.now() - hours * HOUR_MS);
      await addSession(app, tenant, { startedAt, redactionsByKind: [['NAME', 2]] });
    }
    const one = agentResponse.parse(await (await app.get(`/api/v1/agents/${agentId}`, cookie)).json());
    assert.deepEqual(
      [
        one.session_count_24h,
        one.session_count_7d,
        one.redaction_count_24h,
        one.p50_latency_ms,
        one.p95_latency_ms,
      ],
      [2, 3, 4, 794, 794],
    );
    const { data } = agentsResponse.parse(await (await app.get('/api/v1/agents', cookie)).json());
    assert.deepEqual(data, [one]);
  });

  await t.test('pages of agents hold every agent once', async () => {
    const clinic = await app.addTenant('Paging');
    const ids = [clinic.agentId, ...Array.from({ length: 4 }, () => newId('agent'))];
    for (const id of ids)
      await app.deps.agents.upsert(clinic.accountId, { id, name: 'twin', policyName: 'p' });

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/api/v1/agents?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const page = agentsResponse.parse(await (await app.get(path, clinic.cookie)).json());
      seen.push(...page.data.map((agent) => agent.id));
      cursor = page.next_cursor;
    } while (cursor);
    assert.deepEqual(seen, ids);
  });
});
