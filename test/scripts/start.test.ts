import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { newId } from '../../shared/audit/ids.ts';
import { readServices } from '../../shared/process/services.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { eventually } from '../support/eventually.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { testRedisUrl, WITH_REDIS } from '../support/redis.ts';
import { buildSession } from '../support/sessions.ts';
import { pemOf } from '../support/signers.ts';

const START = join(import.meta.dirname, '../../scripts/start.ts');
const WAIT = { everyMs: 50 };

/** `npm start` over the run's MongoDB; nothing is found on an empty PATH, nor can anything be installed then. */
async function runStart(
  t: TestContext,
  env: Record<string, string>,
  prepare: (db: Db) => Promise<void> = async () => {},
) {
  const { uri, name, db } = await openTestDatabase(t);
  await prepare(db);
  const root = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  const dataDir = join(root, 'data');
  const child = spawn(process.execPath, [START], {
    env: {
      ...COMPILE_CACHE,
      PATH: '',
      XDG_CACHE_HOME: root,
      CHROME_PATH: '/absent',
      LOG_LEVEL: 'silent',
      PORT: '0',
      DATA_DIR: dataDir,
      MONGODB_URI: uri,
      MONGODB_DB: name,
      REPORT_THREADS: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(root, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const untilOutput = (part: RegExp) =>
    eventually(`the output has ${part}`, () => assert.match(output, part), WAIT);
  await untilOutput(/The API is at /);
  const isLive = async () => (await fetch(`${readServices(dataDir).api?.url}/health/live`)).ok;
  const stop = async () => {
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  };
  return { dataDir, output: () => output, untilOutput, isLive, stop };
}

test('npm start without a Redis says what to do, and runs the API', async (t) => {
  const { dataDir, output, isLive, stop } = await runStart(t, {});
  assert.match(
    output(),
    /^Background pipeline: off, .*install redis-server or valkey-server, or set REDIS_URL/m,
  );
  assert.ok(await isLive());
  assert.deepEqual(Object.keys(readServices(dataDir)), ['api']);
  await stop();
  assert.doesNotMatch(output(), /workers/i);
});

test('npm start on a database that it did not bring prints no cookie, and how to make a login', async (t) => {
  const accountId = newId('account');
  const session = buildSession({ accountId, agentId: newId('agent'), cookie: '' });
  let database: Db | undefined;
  // Without a key, it would refuse to make one beside the session's.
  const keys = { AUDIT_KEYS: `${session.log.keyId}:${'1f'.repeat(32)}` };
  const { untilOutput, output, stop } = await runStart(t, keys, async (db) => {
    database = db;
    await createAccountRepository(db).upsert(accountId);
    await createSessionRepository(db).insert(accountId, session, null);
  });
  await untilOutput(new RegExp(`npm run -s login -- --account ${accountId}[^]*${session.id}/report`));
  assert.doesNotMatch(output(), /masker_session/);
  assert.equal(await database?.collection('logins').countDocuments(), 0);
  await stop();
});

test('npm start starts a killed Redis again while the API keeps running', WITH_REDIS, async (t) => {
  const { dataDir, untilOutput, isLive, stop } = await runStart(t, { PATH: process.env.PATH ?? '' });
  const first = readServices(dataDir).redis;
  assert.ok(first);
  process.kill(first.pid, 'SIGKILL');
  await untilOutput(/Redis ended \(exit code 137\).*Redis: starting again in 1 s ….*Redis: \w+ \d/s);
  assert.ok(await isLive());
  await eventually('Redis is listed again', () => readServices(dataDir).redis?.url === first.url, WAIT);
  await stop();
  assert.deepEqual(readServices(dataDir), {});
});

const ON_LINUX = {
  skip: WITH_REDIS.skip || (process.platform !== 'linux' && 'only Linux shows environments'),
};

test('npm start gives the keys to the API, and not to the Redis that it starts', ON_LINUX, async (t) => {
  const env = {
    SIGNING_KEY: pemOf(1),
    LOG_ORIGIN: 'evidence.example.org',
    AUDIT_KEYS: `k1:${'1f'.repeat(32)}`,
    PATH: process.env.PATH ?? '',
  };
  const { dataDir, stop } = await runStart(t, env);
  const { api, redis } = readServices(dataDir);
  const keysOf = (pid: number) =>
    readFileSync(`/proc/${pid}/environ`, 'utf8').match(/\b(SIGNING_KEY|AUDIT_KEYS|MONGODB_URI)=/g);
  assert.ok(api && redis);
  assert.deepEqual(keysOf(api.pid)?.sort(), ['AUDIT_KEYS=', 'MONGODB_URI=', 'SIGNING_KEY=']);
  assert.equal(keysOf(redis.pid), null);
  await stop();
});

test('npm start uses the Redis that REDIS_URL names, and starts none', WITH_REDIS, async (t) => {
  const { dataDir, output, stop } = await runStart(t, { REDIS_URL: testRedisUrl() });
  assert.match(output(), /^Redis: the one that REDIS_URL names$/m);
  assert.equal(readServices(dataDir).redis, undefined);
  await stop();
});
