import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { cacheFolder } from '../../../scripts/setup/cache-folder.ts';
import { fetchMongoJavaServer } from '../../../scripts/setup/mongo-java-server.ts';
import { type RunningMongodb, startMongodb } from '../../../scripts/setup/mongodb.ts';

const signal = new AbortController().signal;
const cacheDir = cacheFolder(process.env);

function createPlace(t: TestContext, path = process.env.PATH ?? '') {
  const dataDir = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const lines: string[] = [];
  return { dataDir, cacheDir, path, signal, lines, say: (line: string) => void lines.push(line) };
}

async function withClient<T>(
  { ready }: RunningMongodb,
  work: (client: MongoClient) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(ready.uri);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** A `mongod` that takes mongod's arguments and serves its protocol; null where Java cannot be had. */
async function writeMongod(folder: string): Promise<boolean> {
  const server = await fetchMongoJavaServer(cacheDir, () => {}, signal);
  if ('missing' in server) return false;
  const args = server.argsFor('$dbpath/data').slice(0, -1);
  const script = `#!/bin/sh
    [ "$1" = --version ] && exit 0
    while [ $# -gt 0 ]; do
      case $1 in
        --port) port=$2 ;;
        --dbpath) dbpath=$2 ;;
        --bind_ip) [ "$2" = 127.0.0.1 ] || exit 9 ;;
      esac
      shift
    done
    exec ${server.command} ${args.map((arg) => `"${arg}"`).join(' ')} "$port"`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'mongod'), script);
  chmodSync(join(folder, 'mongod'), 0o755);
  return true;
}

test('MongoDB keeps what was written over a stop and a start', async (t) => {
  const place = createPlace(t);
  const first = await startMongodb(place);
  await withClient(first, (client) => client.db('t').collection('c').insertOne({ text: 'kept' }));
  await first.stop();

  const second = await startMongodb(place);
  t.after(() => second.stop());
  assert.equal(second.kind, first.kind);
  const found = await withClient(second, (client) => client.db('t').collection('c').findOne());
  assert.equal(found?.text, 'kept');
});

test('MongoDB listens on the loopback address only', async (t) => {
  const mongodb = await startMongodb(createPlace(t));
  t.after(() => mongodb.stop());
  const port = Number(new URL(mongodb.ready.uri).port);
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8').split('\n'),
  );
  const LISTEN = '0A';
  const listening = sockets
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${hexPort}`));
  assert.equal(listening.length, 1);
  // 127.0.0.1, as it stands in /proc/net/tcp or, mapped, in /proc/net/tcp6.
  assert.match(listening[0]?.[1] ?? '', /^(0000000000000000FFFF0000)?0100007F:/);
});

test('a mongod on the PATH is taken first', async (t) => {
  const place = createPlace(t);
  const bin = join(place.dataDir, 'bin');
  if (!(await writeMongod(bin))) return t.skip('needs Java');
  const mongodb = await startMongodb({ ...place, path: bin });
  t.after(() => mongodb.stop());
  assert.equal(mongodb.kind, 'mongod');
  assert.ok(existsSync(join(place.dataDir, 'mongodb')));
});

test('data that mongo-java-server wrote is opened by it, even where there is a mongod', async (t) => {
  const place = createPlace(t);
  const bin = join(place.dataDir, 'bin');
  if (!(await writeMongod(bin))) return t.skip('needs Java');
  mkdirSync(join(place.dataDir, 'mongodb-java'));
  writeFileSync(join(place.dataDir, 'mongodb-java', 'note'), '');
  const mongodb = await startMongodb({ ...place, path: bin });
  t.after(() => mongodb.stop());
  assert.equal(mongodb.kind, 'mongo-java-server');
  assert.match(place.lines[0] ?? '', /mongo-java-server wrote the data/);
});

test('data that mongod wrote is opened by nothing else', async (t) => {
  const place = createPlace(t, '');
  const unreachable = join(place.dataDir, 'cache');
  mkdirSync(unreachable);
  writeFileSync(join(unreachable, 'mongod-unreachable'), new Date().toISOString());
  mkdirSync(join(place.dataDir, 'mongodb'));
  writeFileSync(join(place.dataDir, 'mongodb', 'WiredTiger'), '');
  await assert.rejects(
    startMongodb({ ...place, cacheDir: unreachable }),
    /was written by mongod, and there is none now \(no mongod on the PATH.*install mongod, or set DATA_DIR/,
  );
  assert.ok(!existsSync(join(place.dataDir, 'mongodb-java')));
});

test('a mongod that cannot run is not used', async (t) => {
  const place = createPlace(t);
  const bin = join(place.dataDir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'mongod'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const mongodb = await startMongodb({ ...place, path: bin });
  t.after(() => mongodb.stop());
  assert.notEqual(mongodb.kind, 'mongod');
});
