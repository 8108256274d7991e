// Holds the queues for this deployment, so that no workers of another database run its jobs, nor these that one's.
import type { Redis } from 'ioredis';
import type { Db } from 'mongodb';
import { dependencyOf } from '../../shared/process/dependency-error.ts';
import type { Logger } from '../../shared/process/log.ts';
import { tellTrouble } from '../../shared/process/trouble.ts';
import { claimQueues, createDeployment } from '../../shared/queues/deployment.ts';
import { redisWords } from '../../shared/queues/redis-failure.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';

export type ClaimOptions = Readonly<{
  redis: Redis;
  mongodbDb: string;
  db: Db;
  log: Logger;
  /** Milliseconds between two looks; a minute by default. */
  guardMs?: number | undefined;
}>;

/**
 * Claims the queues, and looks after the claim until it is stopped: a Redis that lost its data has none. Throws where
 * another deployment has them; where that is found later, the log says so. Waits for a Redis that does not answer.
 */
export async function keepClaim({
  redis,
  mongodbDb,
  db,
  log,
  guardMs = MINUTE_MS,
}: ClaimOptions): Promise<{ stop(): void }> {
  const id = await createDeployment(db).ensure();
  const tell = (error: unknown) => {
    const dependency = dependencyOf(error);
    if (dependency === null) log.warn({ err: error }, 'the claim of the queues could not be checked');
    else tellTrouble(log, dependency, error, { about: 'the claim of the queues' });
  };
  const fault = await claimQueues(redis, mongodbDb, id).catch((error: unknown) => {
    // A Redis that takes no writes now is asked again below.
    if (redisWords(error) === null) throw error;
    tell(error);
    return null;
  });
  if (fault !== null) throw new Error(`In Redis ${fault}.`);
  const look = async () => {
    const found = await claimQueues(redis, mongodbDb, id);
    if (found !== null) log.error({ fault: found }, 'another deployment has taken the queues');
  };
  const timer = setInterval(() => void look().catch(tell), guardMs);
  return { stop: () => clearInterval(timer) };
}
