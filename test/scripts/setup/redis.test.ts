import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import which from 'which';
import { cacheFolder } from '../../../scripts/setup/cache-folder.ts';
import { provideRedis, type RunningRedis } from '../../../scripts/setup/redis.ts';
import { findRedis } from '../../../scripts/setup/redis-binary.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { occupyPort } from '../../support/ports.ts';

const PATH = process.env.PATH ?? '';
const server = await findRedis({
  path: PATH,
  cacheDir: cacheFolder(process.env),
  say: () => {},
  signal: AbortSignal.timeout(600_000),
  aptGet: '/absent/apt-get',
});
const SERVER = 'path' in server ? server : null;
const WITH_SERVER = { skip: SERVER === null && 'there is no redis-server or valkey-server' };
const AS_ROOT = { skip: process.geteuid?.() !== 0 && 'only root installs packages' };

/** A machine with nothing on its PATH and no package manager, and all that was said. */
function emptyMachine(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const lines: string[] = [];
  const place = {
    dataDir: join(root, 'data'),
    cacheDir: join(root, 'cache'),
    path: bin,
    aptGet: '/absent/apt-get',
    say: (line: string) => void lines.push(line),
    signal: new AbortController().signal,
  };
  return { root, bin, place, lines };
}

/** One with the server that this machine has. */
function machine(t: TestContext) {
  const made = emptyMachine(t);
  symlinkSync(SERVER?.path ?? '', join(made.bin, 'redis-server'));
  return made;
}

function writeProgram(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function started(t: TestContext, place: Parameters<typeof provideRedis>[0]): Promise<RunningRedis> {
  const redis = await provideRedis(place);
  assert.ok(redis);
  t.after(() => redis.stop());
  return redis;
}

async function ask(redis: RunningRedis, ...[command, ...args]: [string, ...string[]]): Promise<unknown> {
  const client = openRedis(redis.ready.url, 'worker');
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

test('Redis keeps what was written over a stop and a start', WITH_SERVER, async (t) => {
  const { place } = machine(t);
  const first = await started(t, place);
  await ask(first, 'SET', 'text', 'kept');
  await first.stop();
  const second = await started(t, place);
  assert.equal(await ask(second, 'GET', 'text'), 'kept');
});

test('Redis keeps what was written over a kill, and its port', WITH_SERVER, async (t) => {
  const { place } = machine(t);
  const first = await started(t, place);
  await ask(first, 'SET', 'text', 'kept');
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await started(t, { ...place, port: Number(new URL(first.ready.url).port) });
  assert.equal(second.ready.url, first.ready.url);
  assert.equal(await ask(second, 'GET', 'text'), 'kept');
});

test('Redis evicts nothing, and keeps its data in an append-only file alone', WITH_SERVER, async (t) => {
  const { place } = machine(t);
  const redis = await started(t, place);
  const settings = {
    'maxmemory-policy': 'noeviction',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    dir: join(place.dataDir, 'redis'),
    'protected-mode': 'yes',
  };
  for (const [name, value] of Object.entries(settings)) {
    assert.deepEqual(await ask(redis, 'CONFIG', 'GET', name), [name, value]);
  }
});

test('Redis listens on the loopback address only', WITH_SERVER, async (t) => {
  const redis = await started(t, machine(t).place);
  const hexPort = Number(new URL(redis.ready.url).port).toString(16).toUpperCase().padStart(4, '0');
  const LISTEN = '0A';
  const listening = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${hexPort}`));
  assert.deepEqual(
    listening.map(([, local]) => local),
    [`0100007F:${hexPort}`],
  );
});

test('a Redis server on the PATH is used before one in the cache folder', WITH_SERVER, async (t) => {
  const { place, bin } = machine(t);
  mkdirSync(place.cacheDir);
  writeProgram(join(place.cacheDir, 'redis-server'), 'exit 1');
  const found = await findRedis(place);
  assert.equal('path' in found && found.path, join(bin, 'redis-server'));
});

test('a redis-server that cannot run, or is too old, is not used', async (t) => {
  const { place, bin } = emptyMachine(t);
  writeProgram(join(bin, 'valkey-server'), 'echo "Valkey server v=8.1.4 sha=00000000:0 malloc=jemalloc"');
  for (const [script, reason] of [
    ['exit 127', /redis-server does not run here/],
    ['echo "Redis server v=6.0.16 sha=00000000:0"', /redis-server is version 6.0.16, older than 6.2/],
  ] as const) {
    writeProgram(join(bin, 'redis-server'), script);
    const found = await findRedis(place);
    assert.deepEqual(found, { path: join(bin, 'valkey-server'), kind: 'valkey', version: '8.1.4' });
    const alone = emptyMachine(t);
    writeProgram(join(alone.bin, 'redis-server'), script);
    const none = await findRedis(alone.place);
    assert.match('missing' in none ? none.missing : '', reason);
  }
});

test('without a Redis server one line names the remedy', async (t) => {
  const { place, lines } = emptyMachine(t);
  assert.equal(await provideRedis(place), null);
  assert.match(
    lines.at(-1) ?? '',
    /^Background pipeline: off, no Redis can be had \(no redis-server or valkey-server on the PATH.*\): install redis-server or valkey-server, or set REDIS_URL to a Redis that runs\.$/,
  );
  assert.ok(!existsSync(place.dataDir));
});

test('root installs Debian’s package of Redis, the one without a system service', AS_ROOT, async (t) => {
  const { root, place, lines } = emptyMachine(t);
  const aptGet = join(root, 'apt-get');
  writeProgram(aptGet, `echo "$@" >> ${root}/calls`);
  const found = await findRedis({ ...place, aptGet });
  const calls = readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');
  assert.match(calls.at(-1) ?? '', / install redis-tools$/);
  assert.match(lines.join('\n'), /^Redis: no redis-server.*; installing Debian's redis-tools …$/);
  // What it would have brought is here only where the package is.
  const packaged = await which('redis-check-rdb', { path: '/usr/bin', nothrow: true });
  assert.equal('path' in found && found.path, packaged !== null && join(place.cacheDir, 'redis-server'));
});

test('a Redis whose port is in use is reported with the end of its log', WITH_SERVER, async (t) => {
  const { place, lines } = machine(t);
  assert.equal(await provideRedis({ ...place, port: await occupyPort(t) }), null);
  assert.match(lines.join('\n'), /^Background pipeline: off, .*set REDIS_URL.*Address already in use/s);
});

test('a Redis whose data folder cannot be used is reported', WITH_SERVER, async (t) => {
  const { place, lines } = machine(t);
  mkdirSync(place.dataDir);
  writeFileSync(join(place.dataDir, 'redis'), 'not a folder');
  assert.equal(await provideRedis(place), null);
  assert.match(lines.join('\n'), /^Background pipeline: off, .*EEXIST/);
});

test('a Redis with damaged data is reported with the end of its log', WITH_SERVER, async (t) => {
  const { place, lines } = machine(t);
  const folder = join(place.dataDir, 'redis/appendonlydir');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'appendonly.aof.manifest'), 'damaged\n');
  assert.equal(await provideRedis(place), null);
  assert.match(lines.join('\n'), /^Background pipeline: off, .*Invalid AOF manifest file format/s);
  assert.equal(readFileSync(join(folder, 'appendonly.aof.manifest'), 'utf8'), 'damaged\n');
});

test('an abort stops a Redis that is starting', WITH_SERVER, async (t) => {
  const { place } = machine(t);
  const stopping = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(provideRedis({ ...place, signal: stopping }), { message: 'stopped' });
});
