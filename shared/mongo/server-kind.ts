// Which server answers, by what it says of itself.
import type { Db } from 'mongodb';

/**
 * Whether the server is mongo-java-server, which needs the `emulatedOnly` indexes (`index-spec.ts`). One that this program
 * starts says so in `buildInfo`; any other runs in a process that is called `java`. Rejects with the driver's error.
 */
export async function isMongoJavaServer(db: Db): Promise<boolean> {
  const { modules } = (await db.admin().command({ buildInfo: 1 })) as { modules?: unknown };
  // Every other server lists its modules, if only none.
  if (Array.isArray(modules)) return modules.includes('mongo-java-server');
  const status = await db
    .admin()
    .command({ serverStatus: 1 })
    .catch(() => null);
  return status?.process === 'java';
}

/** Whether the server is MongoDB's own `mongod` or `mongos`, whose `explain` tells of stages and of documents read. */
export async function isMongod(db: Db): Promise<boolean> {
  const { storageEngines, modules } = (await db.admin().command({ buildInfo: 1 })) as {
    storageEngines?: unknown;
    modules?: unknown;
  };
  return Array.isArray(modules) && Array.isArray(storageEngines) && storageEngines.includes('wiredTiger');
}
