// A database for one test file on the MongoDB that `npm test` runs.
import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { createIndex, listMissingIndexes } from '../../shared/process/ensure-indexes.ts';
import { isNeeded } from '../../shared/process/prepare-indexes.ts';
import { isMongoJavaServer } from './server-kind.ts';

export type TestDatabase = Readonly<{ uri: string; name: string; db: Db }>;

/** A new, empty database with the indexes that its server uses; it is dropped when `t`, a test or a list of releases, ends. */
export async function openTestDatabase(t: {
  after(cleanUp: () => Promise<void>): void;
}): Promise<TestDatabase> {
  const uri = process.env.TEST_MONGODB_URI;
  if (!uri) {
    throw new Error('TEST_MONGODB_URI is not set: run the tests by `npm test`, which starts a MongoDB');
  }
  const name = `test_${randomBytes(8).toString('hex')}`;
  const { db, close } = await connectMongo(uri, name);
  t.after(async () => {
    await db.dropDatabase().finally(close);
  });
  const missing = await listMissingIndexes(db);
  // mongo-java-server looks nothing up by an index that is not unique, and is given none of those: hundreds of tests would
  // wait for them.
  const wanted = (await isMongoJavaServer(db)) ? missing.filter(isNeeded) : missing;
  for (const spec of wanted) await createIndex(db, spec);
  return { uri, name, db };
}
