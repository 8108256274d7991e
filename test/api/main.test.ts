import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '../support/mongo.ts';

const MAIN = join(import.meta.dirname, '../../api/main.ts');

async function spawnMain(t: TestContext, env: Record<string, string>): Promise<ChildProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-api-'));
  const child = spawn(process.execPath, [MAIN], {
    env: { PORT: '0', LOG_LEVEL: 'silent', DATA_DIR: dataDir, REPORT_THREADS: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });
  return child;
}

async function readStderr(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stderr ?? []) text += chunk;
  return text;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`tells its URL when it listens, and ends with code 0 on ${signal}`, async (t) => {
    const { uri, name } = await openTestDatabase(t);
    const child = await spawnMain(t, { MONGODB_URI: uri, MONGODB_DB: name });
    const exited = once(child, 'exit');
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    assert.equal((await fetch(`${url}/health`)).status, 200);
    child.kill(signal);
    assert.deepEqual(await exited, [0, null]);
  });
}

test('ends when the process that started it is gone', async (t) => {
  const { uri, name } = await openTestDatabase(t);
  const child = await spawnMain(t, { MONGODB_URI: uri, MONGODB_DB: name });
  const exited = once(child, 'exit');
  await once(child, 'message');
  child.disconnect();
  assert.deepEqual(await exited, [0, null]);
});

test('names every fault of its configuration and ends with code 1', async (t) => {
  const child = await spawnMain(t, { PORT: 'x', REPORT_THREADS: '0' });
  const exited = once(child, 'exit');
  const stderr = await readStderr(child);
  assert.deepEqual(await exited, [1, null]);
  assert.match(stderr, /PORT/);
  assert.match(stderr, /REPORT_THREADS/);
});

test('says what to do where there is no database, and ends with code 1', async (t) => {
  const child = await spawnMain(t, {});
  const exited = once(child, 'exit');
  const stderr = await readStderr(child);
  assert.deepEqual(await exited, [1, null]);
  assert.match(stderr, /npm start/);
});
