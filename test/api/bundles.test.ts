import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runImport } from '../../scripts/import.ts';
import { type JsonObject, parseJson } from '../../shared/audit/canonical-json.ts';
import { assertError } from '../support/answers.ts';
import { type BundleName, bundleDir, readExpected, readExpectedSessions } from '../support/bundles.ts';
import { commandEnv } from '../support/commands.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { runHere } from '../support/run-here.ts';
import { startApp, type TestApp } from '../support/start-app.ts';

const EVER = 'since=2000-01-01T00:00:00Z&limit=100';

type Account = Readonly<{
  name: BundleName;
  id: string;
  cookie: string;
  agentIds: readonly string[];
  /** What an independent program computed of each session. */
  expected: ReadonlyMap<string, JsonObject>;
}>;

test('two exports in one database, served over HTTP', async (t) => {
  const app = await serveExports(t, ['clinic-week', 'other-clinic']);
  const accounts = [await openAccount(app, 'clinic-week'), await openAccount(app, 'other-clinic')] as const;

  /** The object in an answer that must be a success. */
  async function read(path: string, cookie: string): Promise<JsonObject> {
    const response = await app.get(path, cookie);
    const text = await response.text();
    assert.equal(response.status, 200, `${path} ${text}`);
    return parseJson(text) as JsonObject;
  }

  async function readAllRows(path: string, cookie: string): Promise<JsonObject[]> {
    const rows: JsonObject[] = [];
    let cursor = '';
    do {
      const page = await read(`${path}?${EVER}${cursor}`, cookie);
      rows.push(...(page.get('data') as JsonObject[]));
      cursor = page.get('next_cursor') ? `&cursor=${page.get('next_cursor')}` : '';
    } while (cursor);
    return rows;
  }

  assert.deepEqual(
    accounts.map(({ expected }) => expected.size),
    [120, 12],
  );
  for (const { name, cookie, expected, agentIds } of accounts) {
    await t.test(`every report on ${name} states the numbers of an independent program`, async () => {
      for (const [id, session] of expected) {
        const report = (await read(`/api/v1/sessions/${id}/report`, cookie)).get('report');
        assert.deepEqual(statedBy(report as JsonObject), session, id);
      }
    });

    await t.test(`every session of ${name} is shown whole and verified`, async () => {
      for (const [id, counts] of expected) {
        const session = (await read(`/api/v1/sessions/${id}`, cookie)).get('session') as JsonObject;
        assert.equal(session.get('log_verdict'), 'verified', id);
        assert.deepEqual(session.get('redactions_by_kind'), counts.get('redactions_by_kind'), id);
        assert.equal((session.get('events') as unknown[]).length, counts.get('redaction_count'), id);
      }
    });

    await t.test(`the lists of ${name} hold exactly its sessions, with their counts`, async () => {
      const listed = await readAllRows('/api/v1/sessions', cookie);
      const ofAgents = await Promise.all(
        agentIds.map((agentId) => readAllRows(`/api/v1/agents/${agentId}/sessions`, cookie)),
      );
      for (const rows of [listed, ofAgents.flat()]) {
        assert.deepEqual(rows.map((row) => row.get('id')).sort(), [...expected.keys()].sort());
        for (const row of rows) {
          const session = expected.get(row.get('id') as string);
          assert.deepEqual(row.get('redactions_by_kind'), session?.get('redactions_by_kind'));
          assert.equal(row.get('redaction_count'), session?.get('redaction_count'));
        }
      }
    });
  }

  const [clinic, other] = accounts;
  for (const [own, foreign] of [
    [clinic, other],
    [other, clinic],
  ] as const) {
    await t.test(`nothing that ${own.name} may read names anything of ${foreign.name}`, async () => {
      const foreignIds = [foreign.id, ...foreign.agentIds, ...foreign.expected.keys()];
      const paths = [
        ...['me', 'agents?limit=100', `sessions?${EVER}`],
        ...own.agentIds.flatMap((id) => [`agents/${id}`, `agents/${id}/sessions?${EVER}`]),
        ...[...own.expected.keys()].flatMap((id) => [`sessions/${id}`, `sessions/${id}/report`]),
      ];
      for (const path of paths) {
        const text = await (await app.get(`/api/v1/${path}`, own.cookie)).text();
        assert.deepEqual(
          foreignIds.filter((id) => text.includes(id)),
          [],
          path,
        );
      }
    });

    await t.test(`every id of ${foreign.name} is unknown to ${own.name}`, async () => {
      for (const id of foreign.expected.keys()) {
        for (const path of [`/api/v1/sessions/${id}`, `/api/v1/sessions/${id}/report`]) {
          await assertError(await app.get(path, own.cookie), 404, 'session_not_found');
        }
      }
      for (const id of foreign.agentIds) {
        for (const path of [`/api/v1/agents/${id}`, `/api/v1/agents/${id}/sessions?${EVER}`]) {
          await assertError(await app.get(path, own.cookie), 404, 'agent_not_found');
        }
        const filtered = await read(`/api/v1/sessions?${EVER}&agent_id=${id}`, own.cookie);
        assert.deepEqual(filtered.get('data'), []);
      }
    });
  }
});

/** Imports the exports as an operator would and starts the API on what came of it. */
async function serveExports(t: TestContext, names: readonly BundleName[]): Promise<TestApp> {
  const database = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-bundles-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const exports = await Promise.all(names.map(readExpected));
  const auditKeys = exports.map(({ audit_keys }) => audit_keys).join();
  for (const name of names) {
    const { code, stdout, stderr } = await runHere(
      runImport,
      [bundleDir(name)],
      commandEnv(database, dataDir, auditKeys),
    );
    assert.equal(code, 0, stdout + stderr);
  }
  return startApp(t, { AUDIT_KEYS: auditKeys }, { database });
}

async function openAccount(app: TestApp, name: BundleName): Promise<Account> {
  const { account_id: id } = await readExpected(name);
  const agents = await app.deps.agents.list(id, { afterId: null, limit: 100 });
  const expected = await readExpectedSessions(name);
  return { name, id, cookie: await app.login(id), agentIds: agents.map((agent) => agent.id), expected };
}

/** A report's statements, named as in expected.json. */
function statedBy(report: JsonObject): JsonObject {
  const log = report.get('audit_log') as JsonObject;
  const leaks = report.get('leak_detection') as JsonObject;
  const pick = (from: JsonObject, ...names: string[]) =>
    names.map((name) => [name, from.get(name)!] as const);
  return new Map([
    ...pick(report, 'merkle_root_hex', 'redaction_count', 'redactions_by_kind', 'redactions_by_pass'),
    ...pick(log, 'start_hash', 'end_hash', 'event_count'),
    ...pick(leaks, 'rehydration_failures'),
  ]);
}
