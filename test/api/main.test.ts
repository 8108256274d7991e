import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { StoredSession } from '../../shared/sessions/session-row.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { eventually } from '../support/eventually.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { occupyPort } from '../support/ports.ts';

const MAIN = join(import.meta.dirname, '../../api/main.ts');

async function spawnMain(
  t: TestContext,
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<ChildProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-api-'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PORT: '0',
      DRAIN_MS: '0',
      LOG_LEVEL: 'silent',
      DATA_DIR: dataDir,
      REPORT_THREADS: '1',
      ...COMPILE_CACHE,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });
  return child;
}

/** How the process ended and what it said. */
async function finish(child: ChildProcess) {
  const exited = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = (await exited) as [number | null];
  return { code, stdout, stderr };
}

test('on SIGTERM the API is not ready and serves on, also to new connections, until DRAIN_MS have passed', async (t) => {
  const { uri, name } = await openTestDatabase(t);
  const child = await spawnMain(t, {
    MONGODB_URI: uri,
    MONGODB_DB: name,
    DRAIN_MS: '1500',
    METRICS_PORT: '0',
  });
  const exited = once(child, 'exit');
  const [{ url, metrics_url }] = (await once(child, 'message')) as [{ url: string; metrics_url: string }];
  const ask = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { Connection: 'close' } });
    return [answer.status, ((await answer.json()) as { status?: string }).status];
  };
  assert.deepEqual(await ask('/health/ready'), [200, 'ok']);
  child.kill('SIGTERM');
  await eventually('the API is not ready', async () =>
    assert.deepEqual(await ask('/health/ready'), [503, 'stopping']),
  );
  assert.deepEqual(await ask('/health/live'), [200, 'ok']);
  assert.equal((await ask('/health'))[0], 200);
  assert.match(
    await (await fetch(metrics_url)).text(),
    /^http_requests_total\{.*"\/health\/ready",status="5xx"/m,
  );
  assert.equal((await fetch(`${url}/metrics`)).status, 404);
  assert.deepEqual(await exited, [0, null]);
});

test('SIGINT, which a person sends, ends the API without DRAIN_MS', async (t) => {
  const { uri, name } = await openTestDatabase(t);
  const child = await spawnMain(t, { MONGODB_URI: uri, MONGODB_DB: name, DRAIN_MS: '3600000' });
  const exited = once(child, 'exit');
  await once(child, 'message');
  child.kill('SIGINT');
  assert.deepEqual(await exited, [0, null]);
});

test('npm run api says which port of metrics it cannot have, and exits 1', async (t) => {
  const { uri, name } = await openTestDatabase(t);
  const port = await occupyPort(t);
  const child = await spawnMain(t, { MONGODB_URI: uri, MONGODB_DB: name, METRICS_PORT: `${port}` });
  const { code, stderr } = await finish(child);
  assert.equal(code, 1);
  assert.match(stderr, /Cannot listen at 127\.0\.0\.1:\d+ \(EADDRINUSE\): set METRICS_PORT or HOST/);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`npm run api prints its URL when it listens, and exits 0 on ${signal}`, async (t) => {
    const { uri, name } = await openTestDatabase(t);
    const child = await spawnMain(t, { MONGODB_URI: uri, MONGODB_DB: name });
    const exited = once(child, 'exit');
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    assert.equal((await fetch(`${url}/health`)).status, 200);
    child.kill(signal);
    assert.deepEqual(await exited, [0, null]);
  });
}

test('npm run api says how many sessions have no opening mark, at each start, and marks none', async (t) => {
  const world = await createLogWorld(t);
  await writeSession(world, 1, { seal: false });
  const rows = world.db.collection<StoredSession>('sessions');
  await rows.updateMany({}, { $unset: { 'log.opening': '' } });
  const auditKeys = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;
  for (let start = 0; start < 2; start += 1) {
    const { uri, name } = world.database;
    const child = await spawnMain(t, {
      MONGODB_URI: uri,
      MONGODB_DB: name,
      AUDIT_KEYS: auditKeys,
      LOG_LEVEL: 'warn',
    });
    const ended = finish(child);
    await once(child, 'message');
    assert.equal(await rows.countDocuments({ 'log.opening': { $exists: true } }), 0);
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    assert.equal(code, 0);
    const lines = stdout.split('\n').filter((line) => line.includes('opening mark'));
    assert.equal(lines.length, 1, stdout);
    assert.match(lines[0]!, /"level":"warn".*"sessions":1/);
  }
});

test('npm run api ends when the process that started it is gone', async (t) => {
  const { uri, name } = await openTestDatabase(t);
  const child = await spawnMain(t, { MONGODB_URI: uri, MONGODB_DB: name });
  const exited = once(child, 'exit');
  await once(child, 'message');
  child.disconnect();
  assert.deepEqual(await exited, [0, null]);
});

test('npm run api names every fault of its configuration and exits 1', async (t) => {
  const child = await spawnMain(t, { PORT: 'x', REPORT_THREADS: '0' });
  const { code, stderr } = await finish(child);
  assert.equal(code, 1);
  assert.match(stderr, /PORT/);
  assert.match(stderr, /REPORT_THREADS/);
});

test('npm run api says what to do where no database is known, and exits 1', async (t) => {
  const child = await spawnMain(t, {});
  const { code, stderr } = await finish(child);
  assert.equal(code, 1);
  assert.match(stderr, /npm start/);
});

test('npm run api never repeats the password of a connection string that it cannot use', async (t) => {
  for (const host of [
    '127.0.0.1:1:27017',
    '127.0.0.1:99999',
    '127.0.0.1:1/?loginName=Pw4477',
    '127.0.0.1:1',
  ]) {
    const child = await spawnMain(t, { MONGODB_URI: `mongodb://user:Pw4477@${host}` });
    const { code, stdout, stderr } = await finish(child);
    assert.equal(code, 1);
    assert.match(stderr, /MONGODB_URI/);
    assert.ok(!(stdout + stderr).includes('Pw4477'), stderr);
  }
});

test('npm run api -- --help prints the usage and starts nothing', async (t) => {
  const { code, stdout, stderr } = await finish(await spawnMain(t, {}, ['--help']));
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^usage: npm run api\n/);
});

test('npm run api with an argument prints the usage and exits 64', async (t) => {
  const { code, stdout, stderr } = await finish(await spawnMain(t, {}, ['--port', '80']));
  assert.deepEqual([code, stdout], [64, '']);
  assert.match(stderr, /^usage: npm run api\n/);
});
