import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../shared/audit/ids.ts';
import { readError } from '../support/answers.ts';
import { addSessionWithLog, redaction } from '../support/logs.ts';
import { startApp, type Tenant } from '../support/start-app.ts';

test('two accounts on one deployment', async (t) => {
  const app = await startApp(t);
  const tenants = [await app.addTenant('North'), await app.addTenant('South')] as const;
  const sessions = await Promise.all(
    tenants.map((tenant) => addSessionWithLog(app, tenant, { events: [redaction('NAME')] })),
  );
  const views: [Tenant, Tenant, string, string][] = [
    [tenants[0], tenants[1], sessions[0]!.id, sessions[1]!.id],
    [tenants[1], tenants[0], sessions[1]!.id, sessions[0]!.id],
  ];

  await t.test('neither sees the other’s name, agent or session on any list', async () => {
    for (const [own, other, ownSession, otherSession] of views) {
      const paths = [
        '/api/v1/me',
        '/api/v1/agents',
        '/api/v1/sessions',
        `/api/v1/sessions?agent_id=${own.agentId}`,
        `/api/v1/agents/${own.agentId}`,
        `/api/v1/agents/${own.agentId}/sessions`,
        `/api/v1/sessions/${ownSession}`,
        `/api/v1/sessions/${ownSession}/report`,
      ];
      for (const path of paths) {
        const response = await app.get(path, own.cookie);
        const text = await response.text();
        assert.equal(response.status, 200, path);
        for (const foreign of [other.accountId, other.agentId, otherSession]) {
          assert.ok(!text.includes(foreign), path);
        }
      }
    }
  });

  await t.test('a list filtered by the other’s agent is empty', async () => {
    for (const [own, other] of views) {
      const response = await app.get(`/api/v1/sessions?agent_id=${other.agentId}`, own.cookie);
      assert.deepEqual(await response.json(), { data: [], next_cursor: null, damaged_rows: 0 });
    }
  });

  await t.test('the other’s id answers exactly like an unknown and a malformed one', async () => {
    for (const [own, other, , otherSession] of views) {
      // An answer's headers may depend on the route (Vary), never on the id.
      const routes = [
        { path: (id: string) => `/api/v1/sessions/${id}`, id: otherSession },
        { path: (id: string) => `/api/v1/sessions/${id}/report`, id: otherSession },
        { path: (id: string) => `/api/v1/agents/${id}`, id: other.agentId },
        { path: (id: string) => `/api/v1/agents/${id}/sessions`, id: other.agentId },
      ];
      for (const { path: pathOf, id } of routes) {
        const unknown = newId(id.startsWith('agt_') ? 'agent' : 'session');
        const answers = await Promise.all(
          [id, unknown, 'malformed', id.toLowerCase(), '%00'].map(async (named) => {
            const response = await app.get(pathOf(named), own.cookie);
            const headers = [...response.headers].filter(
              ([name]) => !['date', 'x-request-id'].includes(name),
            );
            const { request_id, ...error } = await readError(response);
            return JSON.stringify({ status: response.status, headers, error });
          }),
        );
        assert.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
      }
    }
  });
});
