// The Redis that `npm test` runs, and Redises of a test's own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cacheFolder } from '../../scripts/setup/cache-folder.ts';
import { provideRedis, type RunningRedis } from '../../scripts/setup/redis.ts';

const URL_OF_RUN = process.env.TEST_REDIS_URL || undefined;

/** For tests that use a Redis: skipped where there is none. */
export const WITH_REDIS = { skip: URL_OF_RUN === undefined && 'there is no Redis' };

/** Shared by the whole run: keys need a prefix of the test's own. */
export function testRedisUrl(): string {
  if (URL_OF_RUN !== undefined) return URL_OF_RUN;
  throw new Error('TEST_REDIS_URL is not set: run the tests by `npm test`, which starts a Redis');
}

export type OwnRedis = Readonly<{
  url: string;
  /** Gracefully; `start` has it back on the same port, with the same data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Runs a part of a test while it answers nothing, although its connections stay open. */
  whileHalted(part: () => Promise<void>): Promise<void>;
}>;

/** A Redis to stop and start; it goes with the test. Null where none can be had, and the test is skipped then. */
export async function startOwnRedis(t: TestContext): Promise<OwnRedis | null> {
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-redis-'));
  let running: RunningRedis | null = null;
  t.after(async () => {
    await running?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const place = {
    dataDir,
    path: process.env.PATH ?? '',
    cacheDir: cacheFolder(process.env),
    say: () => {},
    signal: new AbortController().signal,
  };
  running = await provideRedis(place);
  if (running === null) {
    t.skip('there is no redis-server or valkey-server');
    return null;
  }
  const { url } = running.ready;
  return {
    url,
    stop: () => (running as RunningRedis).stop(),
    async start() {
      running = (await provideRedis({ ...place, port: Number(new URL(url).port) })) ?? running;
    },
    async whileHalted(part) {
      const { pid } = running as RunningRedis;
      process.kill(pid, 'SIGSTOP');
      try {
        await part();
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  };
}
