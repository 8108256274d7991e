// Which server answers, by what it says of itself.
import type { Db } from 'mongodb';

/**
 * Whether the server is a mongo-java-server that this program started: it says so in `buildInfo`. Rejects with the
 * driver's error.
 */
export async function isMongoJavaServer(db: Db): Promise<boolean> {
  const { modules } = (await db.admin().command({ buildInfo: 1 })) as { modules?: unknown };
  return Array.isArray(modules) && modules.includes('mongo-java-server');
}

/** Whether the server is MongoDB's own `mongod` or `mongos`, whose `explain` tells of stages and of documents read. */
export async function isMongod(db: Db): Promise<boolean> {
  const { storageEngines, modules } = (await db.admin().command({ buildInfo: 1 })) as {
    storageEngines?: unknown;
    modules?: unknown;
  };
  return Array.isArray(modules) && Array.isArray(storageEngines) && storageEngines.includes('wiredTiger');
}
