// A new database for the benchmark, on the MongoDB that is configured or runs, else on one started for the run.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { parseConfig } from '../../shared/process/config.ts';
import { ensureIndexes } from '../../shared/process/ensure-indexes.ts';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { readServices } from '../../shared/process/services.ts';
import { cacheFolder } from '../setup/cache-folder.ts';
import { startMongodb } from '../setup/mongodb.ts';

export type BenchDatabase = Readonly<{ uri: string; name: string; db: Db }>;

type Context = Readonly<{ resources: ReleaseStack; say: (line: string) => void; signal: AbortSignal }>;

/** A new, empty database with its indexes. Its release drops it, and stops the MongoDB if it was started here. */
export async function openBenchDatabase(context: Context): Promise<BenchDatabase> {
  return await openNew(await provideMongodb(context), context.resources);
}

/** Another database on the same server. A section's queries then scan only what the section wrote. */
export async function openBeside({ uri }: BenchDatabase, resources: ReleaseStack): Promise<BenchDatabase> {
  return await openNew(uri, resources);
}

async function openNew(uri: string, resources: ReleaseStack): Promise<BenchDatabase> {
  const name = `bench_${randomBytes(8).toString('hex')}`;
  const { db, close } = await connectMongo(uri, name);
  resources.defer(() => close());
  resources.defer(async () => {
    await db.dropDatabase();
  });
  await ensureIndexes(db);
  return { uri, name, db };
}

async function provideMongodb({ resources, say, signal }: Context): Promise<string> {
  const { mongodbUri, dataDir } = parseConfig(process.env);
  const running = mongodbUri ?? readServices(dataDir).mongodb?.uri;
  if (running !== undefined) {
    say('MongoDB: the one that runs, with a new database for the benchmark');
    return running;
  }
  return (await startInFolder({ resources, say, signal })).ready.uri;
}

/** A new database on a server of its own, and the folder that holds it. `stop` ends the server and leaves the folder. */
export async function openInFolder(
  context: Context,
): Promise<Readonly<{ database: BenchDatabase; folder: string; stop: () => Promise<void> }>> {
  const { folder, ready, stop } = await startInFolder(context);
  const { db, close } = await connectMongo(ready.uri, 'bench');
  await ensureIndexes(db);
  const database = { uri: ready.uri, name: 'bench', db };
  return {
    database,
    folder,
    async stop() {
      await close();
      await stop();
    },
  };
}

async function startInFolder({ resources, say, signal }: Context) {
  const folder = await mkdtemp(join(tmpdir(), 'masker-evidence-bench-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const place = { dataDir: folder, cacheDir: cacheFolder(process.env), path: process.env.PATH ?? '' };
  const mongodb = await startMongodb({ ...place, say, signal });
  resources.defer(() => mongodb.stop());
  return { folder, ready: mongodb.ready, stop: () => mongodb.stop() };
}
