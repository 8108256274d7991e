// The background pipeline in this process, on a real Redis and a test's own database.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditKeyBytes } from '../../shared/audit/audit-keys.ts';
import { parseConfig } from '../../shared/process/config.ts';
import { createLogger, type Logger } from '../../shared/process/log.ts';
import { ReleaseStack } from '../../shared/process/release.ts';
import { createQueues, type Queues } from '../../shared/queues/queues.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { type PipelineContext, startPipeline } from '../../workers/jobs/pipeline.ts';
import { type LogWorld, TEST_KEY } from './audit-world.ts';
import { pemOf, TEST_ORIGIN } from './signers.ts';

type Cleaned = { after(cleanUp: () => Promise<void>): void };

/** Short enough that a test sees a killed worker's jobs being taken up again. */
export const TEST_LOCK_MS = 1_000;

export type TestPipeline = Readonly<{ stop(): Promise<void>; isWorking(): boolean }>;

export async function startTestPipeline(
  t: Cleaned,
  world: Pick<LogWorld, 'database' | 'db'>,
  redisUrl: string,
  options: Pick<PipelineContext, 'worker' | 'schedules'> &
    Readonly<{
      keys?: readonly AuditKeyBytes[];
      log?: Logger;
      mongodbUri?: string;
      env?: Record<string, string>;
    }> = {},
): Promise<TestPipeline> {
  const {
    keys = [TEST_KEY],
    log = createLogger({ logLevel: 'silent' }),
    worker,
    env = {},
    ...rest
  } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'test-pipeline-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const signing = { SIGNING_KEY: pemOf(1), LOG_ORIGIN: TEST_ORIGIN, DATA_DIR: dataDir };
  const acquired = new ReleaseStack();
  const stop = () => acquired.release(5_000);
  t.after(stop);
  const { isWorking } = await startPipeline({
    config: {
      ...parseConfig({ CHROME_PATH: process.env.TEST_CHROME_PATH, ...signing, ...env }),
      mongodbDb: world.database.name,
      auditKeys: keys,
      reportThreads: 1,
    },
    mongodbUri: world.database.uri,
    redisUrl,
    db: world.db,
    log,
    acquired,
    worker: { lockMs: TEST_LOCK_MS, ...worker },
    ...rest,
  });
  return { stop, isWorking };
}

/** The queues of a test's database, to look at and to add to; their keys go with the test. */
export function openTestQueues(t: Cleaned, world: Pick<LogWorld, 'database'>, redisUrl: string): Queues {
  const redis = openRedis(redisUrl, 'worker');
  const queues = createQueues(redis, world.database.name);
  t.after(async () => {
    await Promise.all(queues.all.map((queue) => queue.obliterate({ force: true }).catch(() => {})));
    await queues.close();
    redis.disconnect();
  });
  return queues;
}
