// A cluster on this machine: APIs behind a proxy that takes them in turn, workers, a MongoDB and a Redis that are killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../scripts/setup/cache-folder.ts';
import { provideRedis } from '../../../scripts/setup/redis.ts';
import { SIGNING_ENV } from '../account-logs.ts';
import type { Cleaned } from '../in-reverse.ts';
import { type RestartableMongo, startRestartableMongo } from '../restartable-mongo.ts';
import { startBetween } from '../tcp-proxy.ts';

const MAINS = { api: '../../../api/main.ts', worker: '../../../workers/main.ts' } as const;
const START_TIMEOUT_MS = 60_000;
/** In characters, of a process that did not start. */
const SHOWN_OF_LOG = 2_000;

export type Member = Readonly<{
  name: string;
  /** Of an API; empty for a worker. */
  url: string;
  pid(): number;
  /** Kills the process and waits until it is gone. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
}>;

export type Cluster = Readonly<{
  /** The proxy's. */
  url: string;
  apis: readonly Member[];
  workers: readonly Member[];
  mongo: RestartableMongo;
  redis: Readonly<{ kill(): Promise<void>; startAgain(): Promise<void> }>;
  /** For commands of operators. */
  env: Record<string, string>;
  /** Of all that APIs and workers have logged, in bytes, by process. */
  loggedBytes(): Record<string, number>;
}>;

export type ClusterSize = Readonly<{ apis: number; workers: number }>;

/** Starts everything below `folder`. All of it ends with `t`. */
export async function startCluster(
  t: Cleaned,
  { apis, workers }: ClusterSize,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Cluster> {
  const mongo = await startRestartableMongo(t);
  const redis = await startRedis(t, folder);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    MONGODB_URI: mongo.database.uri,
    MONGODB_DB: mongo.database.name,
    REDIS_URL: redis.url,
    CURSOR_KEY: '2e'.repeat(32),
    ...SIGNING_ENV,
    ...settings,
  };
  const start = (kind: 'api' | 'worker', i: number) => startMember(t, kind, `${kind} ${i + 1}`, env, folder);
  const members = {
    apis: await Promise.all(Array.from({ length: apis }, (_, i) => start('api', i))),
    workers: await Promise.all(Array.from({ length: workers }, (_, i) => start('worker', i))),
  };
  const proxy = await startRoundRobin(members.apis.map(({ url }) => Number(new URL(url).port)));
  t.after(proxy.close);
  const all = [...members.apis, ...members.workers];
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    ...members,
    mongo,
    redis,
    env: { ...env, DATA_DIR: join(folder, 'operator') },
    loggedBytes: () =>
      Object.fromEntries(all.map(({ name }) => [name, statSync(logFileOf(folder, name)).size])),
  };
}

/** Every connection goes to the next API. */
function startRoundRobin(ports: readonly number[]) {
  let next = 0;
  const target = {
    host: '127.0.0.1',
    get port() {
      next = (next + 1) % ports.length;
      return ports[next] as number;
    },
  };
  return startBetween(target, (inbound, outbound) => {
    inbound.pipe(outbound);
    outbound.pipe(inbound);
  });
}

async function startRedis(t: Cleaned, folder: string) {
  const place = {
    dataDir: folder,
    path: process.env.PATH ?? '',
    cacheDir: cacheFolder(process.env),
    say: console.error,
    signal: new AbortController().signal,
  };
  const provide = async (port?: number) => {
    const running = await provideRedis(port === undefined ? place : { ...place, port });
    if (running === null) throw new Error('There is no redis-server or valkey-server: install one.');
    return running;
  };
  let running = await provide();
  t.after(() => running.stop());
  const { url } = running.ready;
  return {
    url,
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async startAgain() {
      running = await provide(Number(new URL(url).port));
    },
  };
}

const logFileOf = (folder: string, name: string) => join(folder, `${name.replace(' ', '-')}.log`);

async function startMember(
  t: Cleaned,
  kind: keyof typeof MAINS,
  name: string,
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<Member> {
  const dataDir = join(folder, name.replace(' ', '-'));
  mkdirSync(dataDir, { mode: 0o700 });
  const log = openSync(logFileOf(folder, name), 'a');
  let child: ChildProcess;
  let port = '0';
  const start = async (): Promise<string> => {
    child = spawn(process.execPath, ['--v8-pool-size=1', join(import.meta.dirname, MAINS[kind])], {
      env: { ...env, PORT: port, DATA_DIR: dataDir, MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', log, log, 'ipc'],
    });
    const ended = once(child, 'exit').then(() => {
      const logged = readFileSync(logFileOf(folder, name), 'utf8').slice(-SHOWN_OF_LOG);
      throw new Error(`${name} ended before it was ready: ${logged}`);
    });
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    const [told] = (await Promise.race([once(child, 'message', { signal: timeout }), ended])) as [
      { url?: string },
    ];
    ended.catch(() => {});
    return told.url ?? '';
  };
  const url = await start();
  if (url !== '') port = new URL(url).port;
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  t.after(async () => {
    await end();
    closeSync(log);
  });
  return {
    name,
    url,
    pid: () => child.pid ?? 0,
    kill: end,
    startAgain: async () => void (await start()),
  };
}
