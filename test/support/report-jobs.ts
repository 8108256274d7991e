// Reports that are made in the background: an API, a world of logs, and the workers.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { newId } from '../../shared/audit/ids.ts';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { HOUR_MS } from '../../shared/time/durations.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from './audit-world.ts';
import { eventually } from './eventually.ts';
import type { Cleaned } from './in-reverse.ts';
import { startApp, type TestApp } from './start-app.ts';
import { startTestPipeline } from './start-pipeline.ts';

export type JobStatus = Readonly<{
  id: string;
  status: string;
  agent_id: string | null;
  size: number;
  sha256: string;
  content: string | null;
  error: { code: string; reason: string | null; message: string } | null;
  progress: {
    stage: string;
    sessions_done: number;
    sessions_total: number | null;
    started_at: string;
    updated_at: string;
  } | null;
  expires_at: string | null;
  generated_at: string | null;
}>;

export type JobWorld = LogWorld &
  Readonly<{
    app: TestApp;
    /** Runs the workers, over a connection of their own. */
    startWorkers(env?: Record<string, string>): Promise<void>;
    accountId: string;
    cookie: string;
    /** Orders a report, on the account unless `path` is another; the answer as it came. */
    send(query: string, cookie?: string, path?: string): Promise<Response>;
    /** As `send`, of an order that is accepted. */
    order(query: string): Promise<JobStatus>;
    status(id: string): Promise<JobStatus>;
    until(id: string, status: string): Promise<JobStatus>;
    content(id: string, headers?: Record<string, string>, method?: string): Promise<Response>;
    remove(id: string, cookie?: string): Promise<Response>;
    /** Documents of GridFS, of any report. */
    countStored(): Promise<{ files: number; chunks: number }>;
  }>;

/** `AUDIT_KEYS` of the processes that read the test's logs. */
export const TEST_KEYS_SETTING = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

export async function createJobWorld(
  t: Cleaned,
  redisUrl: string,
  { sessions = 3, entries = 40, env = {} as Record<string, string>, hasOwnContent = false } = {},
): Promise<JobWorld> {
  const world = await createLogWorld(t);
  const accountId = newId('account');
  for (let i = 0; i < sessions; i += 1) await writeSession(world, entries + i, { accountId });
  const app = await startApp(
    t as TestContext,
    { AUDIT_KEYS: TEST_KEYS_SETTING, REDIS_URL: redisUrl, ...env },
    { database: world.database, hasOwnContent },
  );
  // An order that comes before is refused.
  await eventually('the API has a Redis', () => assert.equal(app.deps.pipeline?.redis.status, 'ready'));
  const cookie = await app.login(accountId);

  const send = (query: string, by = cookie, path = '/api/v1/reports') =>
    app.get(`${path}?${query}`, by, { headers: { Prefer: 'respond-async' } });
  async function status(id: string): Promise<JobStatus> {
    const response = await app.get(`/api/v1/reports/${id}`, cookie);
    assert.equal(response.status, 200);
    return (await response.json()) as JobStatus;
  }
  return {
    ...world,
    app,
    async startWorkers(workersEnv = {}) {
      const own = await connectMongo(world.database.uri, world.database.name);
      t.after(() => own.close());
      const options = { env: workersEnv, schedules: { sweepEveryMs: HOUR_MS } };
      await startTestPipeline(t, { database: world.database, db: own.db }, redisUrl, options);
    },
    accountId,
    cookie,
    send,
    async order(query) {
      const response = await send(query);
      const text = await response.text();
      assert.equal(response.status, 202, text);
      const job = JSON.parse(text) as JobStatus;
      assert.equal(response.headers.get('Location'), `/api/v1/reports/${job.id}`);
      assert.equal(response.headers.get('Preference-Applied'), 'respond-async');
      return job;
    },
    status,
    async until(id, wanted) {
      let found: JobStatus | undefined;
      await eventually(`report ${id} is ${wanted}`, async () => {
        found = await status(id);
        assert.equal(found.status, wanted, JSON.stringify(found));
      });
      return found as JobStatus;
    },
    content: (id, headers = {}, method = 'GET') =>
      app.get(`/api/v1/reports/${id}/content`, cookie, { headers, method }),
    remove: (id, by = cookie) =>
      app.get(`/api/v1/reports/${id}`, by, { method: 'DELETE', headers: { origin: app.url } }),
    async countStored() {
      const count = (name: string) => world.db.collection(`report_files.${name}`).countDocuments();
      return { files: await count('files'), chunks: await count('chunks') };
    },
  };
}
