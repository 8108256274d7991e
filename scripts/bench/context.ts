// Sections of the benchmark share a database and a Redis, which the first section that asks opens.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../shared/process/config.ts';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { findRedisUrl } from '../../shared/process/services.ts';
import { cacheFolder } from '../setup/cache-folder.ts';
import { provideRedis } from '../setup/redis.ts';
import { type BenchDatabase, openBenchDatabase } from './bench-database.ts';

type Outside = Readonly<{ resources: ReleaseStack; say: (line: string) => void; signal: AbortSignal }>;

export type BenchContext = Outside &
  Readonly<{
    database(): Promise<BenchDatabase>;
    /** Null without a Redis; the reason was printed. */
    redisUrl(): Promise<string | null>;
  }>;

export function openContext(outside: Outside): BenchContext {
  let database: Promise<BenchDatabase> | undefined;
  let redisUrl: Promise<string | null> | undefined;
  return {
    ...outside,
    database: () => (database ??= openBenchDatabase(outside)),
    redisUrl: () => (redisUrl ??= openRedisUrl(outside)),
  };
}

async function openRedisUrl({ resources, say, signal }: Outside): Promise<string | null> {
  const running = findRedisUrl(parseConfig(process.env));
  if (running !== null) return running;
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const place = { dataDir, cacheDir: cacheFolder(process.env), path: process.env.PATH ?? '' };
  const redis = await provideRedis({ ...place, say, signal });
  if (redis) resources.defer(() => redis.stop());
  return redis?.ready.url ?? null;
}
