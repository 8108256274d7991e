// Whose queues these are. The name of its database tells a deployment's keys in Redis from others', and two deployments may
// have chosen one name: each would run the jobs of the other against its own database, and leave its own undone.
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { queuePrefix } from './queue-prefix.ts';

type StoredDeployment = { _id: string; id: string };

const DEPLOYMENT = 'deployment';
const ID_FORM = /^[0-9a-f]{32}$/;

/** The deployment's own id: it is made once, and a copy of the database keeps it. Rejects with the driver's errors. */
export function createDeployment(db: Db) {
  const rows = evidenceCollection<StoredDeployment>(db, DEPLOYMENT);

  /** Null where none was made yet. */
  async function find(): Promise<string | null> {
    const row = await rows.findOne({ _id: DEPLOYMENT });
    return typeof row?.id === 'string' && ID_FORM.test(row.id) ? row.id : null;
  }

  return {
    find,
    /** Makes it where there is none. Safe for several processes at once: all get the same. */
    async ensure(): Promise<string> {
      for (;;) {
        const found = await find();
        if (found !== null) return found;
        // Whatever somebody wrote in its place goes.
        await rows.deleteOne({
          _id: DEPLOYMENT,
          $or: [{ id: { $not: ID_FORM } }, { id: { $type: 'array' } }],
        });
        await insertRow(rows, { _id: DEPLOYMENT, id: randomBytes(16).toString('hex') });
      }
    },
  };
}

/** Takes the queues for a deployment where nobody has them. What is wrong where another has them; null where it has them. */
export async function claimQueues(redis: Redis, mongodbDb: string, id: string): Promise<string | null> {
  await redis.set(keyOf(mongodbDb), id, 'NX');
  return await findForeignClaim(redis, mongodbDb, id);
}

/** What is wrong where another deployment has the queues, with the remedy; null where none has. */
export async function findForeignClaim(redis: Redis, mongodbDb: string, id: string): Promise<string | null> {
  const held = await redis.get(keyOf(mongodbDb));
  return held === null || held === id ? null : describeForeign(mongodbDb);
}

function keyOf(mongodbDb: string): string {
  return `${queuePrefix(mongodbDb)}:deployment`;
}

function describeForeign(mongodbDb: string): string {
  return `the queues of the database name ${mongodbDb} belong to another deployment: give this one another Redis, another database number in REDIS_URL or another MONGODB_DB; where no other runs, delete the key ${keyOf(mongodbDb)}. Until then no worker of this one takes a job`;
}
