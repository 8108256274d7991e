import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  findMongodbUri,
  findRedisUrl,
  readServices,
  updateServices,
} from '../../../shared/process/services.ts';

const api = { url: 'http://127.0.0.1:8080', pid: process.pid };
const mongodb = { uri: 'mongodb://127.0.0.1:27017', pid: process.pid, kind: 'mongod' };
const redis = { url: 'redis://127.0.0.1:6379', pid: process.pid, kind: 'redis' };
const workers = { pid: process.pid };

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('an entry of services.json that was set is read', (t) => {
  const dataDir = temporaryFolder(t);
  updateServices(dataDir, { mongodb });
  updateServices(dataDir, { api });
  updateServices(dataDir, { redis, workers });
  assert.deepEqual(readServices(dataDir), { mongodb, api, redis, workers });
  assert.deepEqual(readdirSync(dataDir), ['services.json']);
});

test('services.json is removed with its last entry', (t) => {
  const dataDir = temporaryFolder(t);
  updateServices(dataDir, { mongodb, api });
  updateServices(dataDir, { api: null });
  assert.deepEqual(readServices(dataDir), { mongodb });
  updateServices(dataDir, { mongodb: null });
  assert.ok(!existsSync(join(dataDir, 'services.json')));
});

test('an entry of services.json whose process has ended is left out', async (t) => {
  const dataDir = temporaryFolder(t);
  updateServices(dataDir, { mongodb: { ...mongodb, pid: await endedPid() }, api });
  assert.deepEqual(readServices(dataDir), { api });
});

test('an entry of services.json whose pid went to a later process is left out', (t) => {
  const dataDir = temporaryFolder(t);
  updateServices(dataDir, { mongodb });
  const longAgo = new Date(Date.now() - 24 * 3_600_000);
  utimesSync(join(dataDir, 'services.json'), longAgo, longAgo);
  assert.deepEqual(readServices(dataDir), {});
});

test('a missing or damaged services.json counts as empty', (t) => {
  const dataDir = temporaryFolder(t);
  assert.deepEqual(readServices(dataDir), {});
  for (const text of ['', '{', '[]', '{"api": {"pid": "1"}}', `{"api": {"url": "http://x", "pid": 0}}`]) {
    writeFileSync(join(dataDir, 'services.json'), text);
    assert.deepEqual(readServices(dataDir), {});
  }
});

test('MONGODB_URI comes before a running MongoDB', async (t) => {
  const dataDir = temporaryFolder(t);
  updateServices(dataDir, { mongodb });
  assert.equal(await findMongodbUri({ mongodbUri: 'mongodb://db', dataDir }), 'mongodb://db');
  assert.equal(await findMongodbUri({ mongodbUri: undefined, dataDir }), mongodb.uri);
});

test('without a MongoDB the error names both remedies', async (t) => {
  const dataDir = temporaryFolder(t);
  await assert.rejects(findMongodbUri({ mongodbUri: undefined, dataDir }), /npm start.*MONGODB_URI/);
});

test('REDIS_URL comes before a running Redis, and there may be neither', (t) => {
  const dataDir = temporaryFolder(t);
  assert.equal(findRedisUrl({ redisUrl: undefined, dataDir }), null);
  updateServices(dataDir, { redis });
  assert.equal(findRedisUrl({ redisUrl: 'redis://cache', dataDir }), 'redis://cache');
  assert.equal(findRedisUrl({ redisUrl: undefined, dataDir }), redis.url);
});

test('a copied folder names no service of the one that it was copied from', async (t) => {
  const dataDir = temporaryFolder(t);
  updateServices(dataDir, { mongodb, redis, api });
  const copy = join(temporaryFolder(t), 'copy');
  cpSync(dataDir, copy, { recursive: true, preserveTimestamps: true });
  assert.deepEqual(readServices(copy), {});
  assert.equal(findRedisUrl({ redisUrl: undefined, dataDir: copy }), null);
  await assert.rejects(findMongodbUri({ mongodbUri: undefined, dataDir: copy }), {
    message: new RegExp(`copy is a copy of ${dataDir}, .*npm start. with this DATA_DIR`),
  });
  // Another folder in the place of the original: the path is the same.
  renameSync(dataDir, `${dataDir}.away`);
  renameSync(copy, dataDir);
  assert.deepEqual(readServices(dataDir), {});
  rmSync(`${dataDir}.away`, { recursive: true });
  updateServices(dataDir, { api });
  assert.deepEqual(readServices(dataDir), { api });
});
