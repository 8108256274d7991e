import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import getPort from 'get-port';
import { createLogWorld, TEST_KEY } from '../support/audit-world.ts';
import { commandEnv } from '../support/commands.ts';
import { eventually } from '../support/eventually.ts';
import { assertDerived, untilSettled, writeEnded } from '../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../support/redis.ts';
import { openTestQueues } from '../support/start-pipeline.ts';

const MAIN = join(import.meta.dirname, '../../workers/main.ts');
const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

type Workers = Readonly<{ child: ChildProcess; output(): string; ended: Promise<number | null> }>;

async function runMain(
  t: TestContext,
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<Workers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'workers-'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...env, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  });
  return { child, output: () => text, ended };
}

async function ask(url: string, path: string): Promise<[status: number, text: string]> {
  const answer = await fetch(`${url}${path}`);
  return [answer.status, await answer.text()];
}

describe('npm run workers', WITH_REDIS, () => {
  it('npm run workers says when it is ready, does what is due, and stops on SIGTERM', async (t) => {
    const world = await createLogWorld(t);
    openTestQueues(t, world, testRedisUrl());
    await writeEnded(world, 30);
    const env = { ...commandEnv(world.database, '', KEYS), REDIS_URL: testRedisUrl(), WORKERS_PORT: '0' };
    const workers = await runMain(t, env);
    const [{ probes_url: url }] = (await once(workers.child, 'message')) as [{ probes_url: string }];
    assert.deepEqual(await ask(url, '/health/live'), [200, '{"status":"ok"}\n']);
    assert.deepEqual(await ask(url, '/health/ready'), [200, '{"status":"ok"}\n']);
    await untilSettled(world);
    await assertDerived(world);
    const [, metrics] = await ask(url, '/metrics');
    assert.match(metrics, /^masker_job_duration_seconds_count\{queue="store-root",outcome="done"\} \d+$/m);
    assert.match(metrics, /^masker_build_info\{.*process="workers"\} 1$/m);
    for (const name of ['masker_mongodb_up', 'masker_redis_up'])
      assert.match(metrics, new RegExp(`^${name} 1$`, 'm'));
    assert.doesNotMatch(metrics, /(acc|agt|sess|usr)_/);
    assert.equal((await ask(url, '/health'))[0], 404);
    assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
    workers.child.kill('SIGTERM');
    assert.equal(await workers.ended, 0);
    assert.match(workers.output(), /"msg":"stopped"/);
  });

  it('npm run workers ends with the process that started it', async (t) => {
    const world = await createLogWorld(t);
    openTestQueues(t, world, testRedisUrl());
    const env = { ...commandEnv(world.database, '', KEYS), REDIS_URL: testRedisUrl() };
    const workers = await runMain(t, env);
    await once(workers.child, 'message');
    workers.child.disconnect();
    assert.equal(await workers.ended, 0);
  });

  it('npm run workers waits for a Redis that is away, and still stops on SIGTERM', async (t) => {
    const world = await createLogWorld(t);
    const port = await getPort({ host: '127.0.0.1' });
    const env = { ...commandEnv(world.database, '', KEYS), REDIS_URL: `redis://127.0.0.1:${port}` };
    const probesPort = await getPort({ host: '127.0.0.1' });
    const workers = await runMain(t, { ...env, LOG_LEVEL: 'debug', WORKERS_PORT: `${probesPort}` });
    const lines = (pattern: RegExp) => workers.output().match(pattern)?.length ?? 0;
    await eventually('they have tried', () => lines(/Redis does not answer/g) > 0);
    assert.equal(workers.child.exitCode, null);
    const url = `http://127.0.0.1:${probesPort}`;
    assert.deepEqual(await ask(url, '/health/live'), [200, '{"status":"ok"}\n']);
    assert.deepEqual(await ask(url, '/health/ready'), [503, '{"status":"unavailable"}\n']);
    assert.match((await ask(url, '/metrics'))[1], /^masker_redis_up 0$/m);
    assert.equal(lines(/Redis does not answer/g), 1);
    workers.child.kill('SIGTERM');
    assert.equal(await workers.ended, 0);
  });

  it('npm run workers says what to do where no Redis is known', async (t) => {
    const world = await createLogWorld(t);
    const workers = await runMain(t, commandEnv(world.database, '', KEYS));
    assert.equal(await workers.ended, 1);
    assert.match(workers.output(), /could not start\. No Redis is known: set REDIS_URL/);
  });

  it('npm run workers with an argument prints the usage and exits 64', async (t) => {
    const workers = await runMain(t, {}, ['now']);
    assert.equal(await workers.ended, 64);
    assert.match(workers.output(), /usage: npm run workers/);
  });
});
