// Starts a Redis for local use. Only the background pipeline needs one, so a missing one is announced and no error.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { openRedis, pingRedis } from '../../shared/queues/redis.ts';
import { type FoundRedis, findRedis, type RedisKind, type RedisSearch } from './redis-binary.ts';
import { type RunningService, startService } from './service.ts';

export type RunningRedis = RunningService<{ url: string }> & { kind: RedisKind; logFile: string };

export type RedisPlace = RedisSearch &
  Readonly<{
    dataDir: string;
    /** Any free port by default. */
    port?: number;
  }>;

const REMEDY = 'install redis-server or valkey-server, or set REDIS_URL to a Redis that runs';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const PING_TIMEOUT_MS = 1_000;

/** Starts a Redis and waits until it answers. Null if there is none; `say` got the reason and the remedy. */
export async function provideRedis(place: RedisPlace): Promise<RunningRedis | null> {
  const found = await findRedis(place);
  if ('missing' in found) {
    place.say(`Background pipeline: off, no Redis can be had (${found.missing}): ${REMEDY}.`);
    return null;
  }
  try {
    return await start(place, found);
  } catch (error) {
    place.signal.throwIfAborted();
    const why = error instanceof Error ? error.message : 'unknown';
    place.say(
      `Background pipeline: off, ${found.path} did not start: mend what follows, or set REDIS_URL to a Redis that runs. ${why}`,
    );
    return null;
  }
}

async function start(place: RedisPlace, { path, kind, version }: FoundRedis): Promise<RunningRedis> {
  const folder = join(place.dataDir, 'redis');
  const port = place.port ?? (await getPort({ host: '127.0.0.1' }));
  const url = `redis://127.0.0.1:${port}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const logFile = join(place.dataDir, 'redis.log');
  const service = await startService(
    {
      name: 'Redis',
      command: path,
      args: argsFor(folder, port),
      logFile,
      // The log line proves that this server answers: another one on the port would answer a ping as well.
      probe: async (log) =>
        /ready to accept connections/i.test(log) && (await answersPing(url)) ? { url } : null,
      startTimeoutMs: START_TIMEOUT_MS,
      stopTimeoutMs: STOP_TIMEOUT_MS,
    },
    place.signal,
  );
  place.say(`Redis: ${kind} ${version} at ${url}, data in ${folder}`);
  return { ...service, kind, logFile };
}

function argsFor(folder: string, port: number): string[] {
  return [
    ...['--bind', '127.0.0.1', '--port', `${port}`, '--daemonize', 'no', '--dir', folder],
    // Evicted jobs would be lost without a trace.
    ...['--maxmemory-policy', 'noeviction'],
    // The append-only file alone keeps the data: a power cut loses at most one second of writes.
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  ];
}

async function answersPing(url: string): Promise<boolean> {
  const redis = openRedis(url, 'worker');
  try {
    return await pingRedis(redis, PING_TIMEOUT_MS);
  } finally {
    redis.disconnect();
  }
}
