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

/** The claim of this deployment to its queues. */
export type Claim = Readonly<{
  /** Whether no other deployment had the queues when they were last looked at. */
  isHeld(): boolean;
  /** Calls what it is given each time that this changes. */
  follow(onChange: () => void): void;
  stop(): void;
}>;

/**
 * Claims the queues, and looks after the claim until it is stopped: a Redis that lost its data has none. Throws where
 * another deployment has them; where that is found later, the log says so, and the claim is not held until it is made
 * again. Waits for a Redis that does not answer.
 */
export async function keepClaim({
  redis,
  mongodbDb,
  db,
  log,
  guardMs = MINUTE_MS,
}: ClaimOptions): Promise<Claim> {
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
  let isHeld = true;
  const followers: (() => void)[] = [];
  const look = async () => {
    const found = await claimQueues(redis, mongodbDb, id);
    if (found !== null)
      log.error({ fault: found }, 'another deployment has taken the queues: no job is taken');
    if (isHeld === (found === null)) return;
    isHeld = found === null;
    if (isHeld) log.info('the queues are this deployment’s again: jobs are taken');
    for (const onChange of followers) onChange();
  };
  const timer = setInterval(() => void look().catch(tell), guardMs);
  return {
    isHeld: () => isHeld,
    follow: (onChange) => void followers.push(onChange),
    stop: () => clearInterval(timer),
  };
}
