import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { sessionsResponse } from '../../../../api/http/session-summary.ts';
import { TENANT_PERMISSIONS } from '../../../../shared/accounts/permissions.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { unknownKey } from '../../../../shared/audit/verdict.ts';
import { HOUR_MS } from '../../../../shared/time/durations.ts';
import { assertError } from '../../../support/answers.ts';
import { addSession } from '../../../support/sessions.ts';
import { startApp } from '../../../support/start-app.ts';

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

test('lists of sessions', async (t) => {
  const app = await startApp(t);

  async function readPage(path: string, cookie: string): Promise<z.infer<typeof sessionsResponse>> {
    const response = await app.get(path, cookie);
    assert.equal(response.status, 200, path);
    return sessionsResponse.parse(await response.json());
  }

  async function readIds(path: string, cookie: string): Promise<string[]> {
    return (await readPage(path, cookie)).data.map((row) => row.id);
  }

  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId, cookie } = tenant;
  const LISTS = ['/api/v1/sessions', `/api/v1/agents/${agentId}/sessions`];

  await t.test('401 without a login', async () => {
    for (const path of LISTS) await assertError(await app.get(`${path}?limit=0`), 401, 'unauthenticated');
  });

  await t.test('403 without sessions:read', async () => {
    const other = await app.login(accountId, ['agents:read', 'reports:read']);
    for (const path of LISTS) await assertError(await app.get(`${path}?limit=0`, other), 403, 'forbidden');
  });

  await t.test('422 for a window that ends before it begins, with or without its end', async () => {
    for (const path of [...LISTS, '/api/v1/access-log']) {
      const login = await app.login(tenant.accountId, [...TENANT_PERMISSIONS, 'access:read']);
      for (const window of [
        'since=2026-05-02T00:00:00Z&until=2026-05-01T23:59:59Z',
        'since=2999-01-01T00:00:00Z',
      ]) {
        const answer = await app.get(`${path}?${window}`, login);
        await assertError(answer, 422, 'validation_failed', 'since');
      }
      const empty = 'since=2026-05-02T00:00:00Z&until=2026-05-02T00:00:00Z';
      assert.equal((await app.get(`${path}?${empty}`, login)).status, 200);
    }
  });

  await t.test('422 for a bad parameter, named, even where the agent is unknown', async () => {
    for (const path of [...LISTS, '/api/v1/agents/nobody/sessions']) {
      await assertError(await app.get(`${path}?limit=0`, cookie), 422, 'validation_failed', 'limit');
      await assertError(await app.get(`${path}?cursor=x`, cookie), 422, 'validation_failed', 'cursor');
    }
    // A filter that is misspelt, or is meant for another list, must not widen this one.
    for (const name of ['account_id', 'agent_id[]', 'status[$ne]', 'agentid']) {
      for (const path of LISTS) {
        const answer = await app.get(`${path}?${encodeURIComponent(name)}=x`, cookie);
        // No such name is repeated: one that the list takes is named, where it was misspelt.
        const isMisspelt = name.startsWith('agent') && path === '/api/v1/sessions';
        await assertError(answer, 422, 'validation_failed', isMisspelt ? 'agent_id' : undefined);
      }
    }
    for (const query of ['log=sealed', 'log=', 'log=failed&log=failed']) {
      const answer = await app.get(`/api/v1/sessions?${query}`, cookie);
      await assertError(answer, 422, 'validation_failed', 'log');
    }
    for (const query of ['log_state=open', 'log_state=', 'log_state=sealed&log_state=unsealed']) {
      const answer = await app.get(`/api/v1/sessions?${query}`, cookie);
      await assertError(answer, 422, 'validation_failed', 'log_state');
    }
    await assertError(
      await app.get('/api/v1/sessions?agent_id=x', cookie),
      422,
      'validation_failed',
      'agent_id',
    );
  });

  await t.test('404 for an agent in the path that is malformed, unknown or deleted', async () => {
    for (const id of ['x', agentId.toLowerCase(), newId('agent'), newId('session')]) {
      await assertError(await app.get(`/api/v1/agents/${id}/sessions`, cookie), 404, 'agent_not_found');
    }
  });

  await t.test('an account without sessions has an empty page and no cursor', async () => {
    const empty = { data: [], next_cursor: null, damaged_rows: 0 };
    for (const path of LISTS) assert.deepEqual(await readPage(path, cookie), empty);
  });

  await t.test('a listed session has the contract’s fields', async () => {
    const session = await addSession(app, tenant, {
      startedAt: new Date('2026-05-03T21:14:32Z'),
      redactionsByKind: [
        ['DOB', 1],
        ['NAME', 2],
      ],
    });
    for (const path of LISTS) {
      const { data } = await readPage(
        `${path}?since=2026-05-03T21:14:32Z&until=2026-05-03T21:14:32.001Z`,
        cookie,
      );
      assert.deepEqual(data, [
        {
          id: session.id,
          agent_id: agentId,
          agent_name: 'Clinic agent',
          started_at: '2026-05-03T21:14:32Z',
          ended_at: '2026-05-03T21:14:32.794Z',
          duration_ms: 794,
          status: 'ok',
          redaction_count: 3,
          redactions_by_kind: { DOB: 1, NAME: 2 },
          upstream_model: 'gpt-4o-mini',
          external_id: null,
          log_state: 'unsealed',
        },
      ]);
    }
  });

  await t.test(
    'each listed session has its agent’s name, where the account has more agents than the page has rows',
    async () => {
      const clinic = await app.addTenant('Names');
      const agentIds = [1, 2, 3].map(() => newId('agent'));
      for (const id of agentIds) {
        await app.deps.agents.upsert(clinic.accountId, { id, name: `agent ${id}`, policyName: 'p' });
        await addSession(app, clinic, { agentId: id });
      }
      const gone = newId('agent');
      await addSession(app, clinic, { agentId: gone });
      const wanted = new Map([...agentIds.map((id) => [id, `agent ${id}`] as const), [gone, gone]]);
      for (const id of wanted.keys()) {
        const { data } = await readPage(`/api/v1/sessions?limit=1&agent_id=${id}`, clinic.cookie);
        assert.deepEqual(
          data.map((row) => row.agent_name),
          [wanted.get(id)],
        );
      }
      let cursor: string | null = null;
      const found = new Map<string, string>();
      do {
        const path: string = cursor
          ? `/api/v1/sessions?limit=1&cursor=${cursor}`
          : '/api/v1/sessions?limit=1';
        const page: z.infer<typeof sessionsResponse> = await readPage(path, clinic.cookie);
        for (const row of page.data) found.set(row.agent_id, row.agent_name);
        cursor = page.next_cursor;
      } while (cursor);
      assert.deepEqual(found, wanted);
    },
  );

  await t.test('a listed session shows kinds of any name', async () => {
    const startedAt = new Date('2026-04-01T00:00:00Z');
    const redactionsByKind = ['$gt', '10', '__proto__', 'a.b', 'constructor'].map(
      (kind) => [kind, 1] as const,
    );
    await addSession(app, tenant, { startedAt, redactionsByKind });
    const response = await app.get(
      '/api/v1/sessions?since=2026-04-01T00:00:00Z&until=2026-04-01T00:00:01Z',
      cookie,
    );
    const [row] = JSON.parse(await response.text()).data;
    assert.deepEqual(Object.entries(row.redactions_by_kind).sort(), redactionsByKind.toSorted());
  });

  await t.test('since is inclusive and until is exclusive', async () => {
    const { cookie, ...other } = await app.addTenant('Edges');
    const at = new Date('2026-03-01T00:00:00.500Z');
    const { id } = await addSession(app, { cookie, ...other }, { startedAt: at });
    const ids = (since: string, until: string) =>
      readIds(`/api/v1/sessions?since=${since}&until=${until}`, cookie);
    assert.deepEqual(await ids('2026-03-01T00:00:00.5Z', '2026-03-01T00:00:00.501Z'), [id]);
    assert.deepEqual(await ids('2026-03-01T00:00:00.5Z', '2026-03-01T00:00:00.500000001Z'), [id]);
    assert.deepEqual(await ids('2026-03-01T00:00:00.500000001Z', '2026-03-02T00:00:00Z'), []);
    assert.deepEqual(await ids('2026-02-01T00:00:00Z', '2026-03-01T00:00:00.500Z'), []);
    assert.deepEqual(await ids('2026-03-01T01:00:00.5%2B01:00', '2026-03-02T00:00:00Z'), [id]);
  });

  await t.test('each filter of a list keeps only the sessions that match', async () => {
    const clinic = await app.addTenant('Filters');
    const secondAgent = newId('agent');
    await app.deps.agents.upsert(clinic.accountId, { id: secondAgent, name: 'second', policyName: 'p' });
    const plain = await addSession(app, clinic, { startedAt: hoursAgo(1) });
    const failed = await addSession(app, clinic, {
      startedAt: hoursAgo(2),
      status: 'error',
      agentId: secondAgent,
    });
    const busy = await addSession(app, clinic, { startedAt: hoursAgo(3), redactionsByKind: [['NAME', 4]] });
    const old = await addSession(app, clinic, { startedAt: hoursAgo(30) });
    await app.database.db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: busy.id }, { $set: { 'log.seal': 'ab'.repeat(32) } });
    await addSession(app, clinic, { startedAt: hoursAgo(1), open: true });
    const fault = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null } as const;
    await app.deps.sessions.markFailed(clinic.accountId, plain.id, fault);
    await app.deps.sessions.markUnverifiable(clinic.accountId, old.id, unknownKey('k_lost'));

    const expected: Record<string, string[]> = {
      '': [plain.id, failed.id, busy.id],
      'since=2d': [plain.id, failed.id, busy.id, old.id],
      'status=error': [failed.id],
      'status=partial': [],
      'log_state=sealed': [busy.id],
      'log_state=unsealed': [plain.id, failed.id],
      'log=failed': [plain.id],
      'log=unverifiable': [],
      'log=unverifiable&since=2d': [old.id],
      'log=failed&log_state=sealed': [],
      'log=unsealed': [plain.id, failed.id],
      'log=unsealed&log_state=sealed': [],
      'min_redactions=0': [plain.id, failed.id, busy.id],
      'min_redactions=4': [busy.id],
      'min_redactions=5': [],
      [`agent_id=${secondAgent}`]: [failed.id],
      [`agent_id=${newId('agent')}`]: [],
      [`agent_id=${clinic.agentId}&min_redactions=1&status=ok`]: [busy.id],
    };
    for (const [query, ids] of Object.entries(expected)) {
      assert.deepEqual(await readIds(`/api/v1/sessions?${query}`, clinic.cookie), ids, query);
    }
    assert.deepEqual(await readIds(`/api/v1/agents/${secondAgent}/sessions?since=2d`, clinic.cookie), [
      failed.id,
    ]);
  });
});
