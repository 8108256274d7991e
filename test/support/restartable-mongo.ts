// A MongoDB of a test's own that is stopped and started over its data, always at the same address.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { cacheFolder } from '../../scripts/setup/cache-folder.ts';
import { type MongodbKind, startMongodb } from '../../scripts/setup/mongodb.ts';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { ensureIndexes } from '../../shared/process/ensure-indexes.ts';
import type { TestDatabase } from './mongo.ts';
import { startTcpProxy } from './tcp-proxy.ts';

type Cleaned = { after(cleanUp: () => Promise<void>): void };

export type RestartableMongo = Readonly<{
  database: TestDatabase;
  db: Db;
  kind: MongodbKind;
  restart(): Promise<void>;
  /** Kills the server, so that it can write nothing more. */
  kill(): Promise<void>;
  /** Starts the server that was killed, over what it left. */
  startAgain(): Promise<void>;
}>;

export async function startRestartableMongo(t: Cleaned): Promise<RestartableMongo> {
  const dataDir = await mkdtemp(join(tmpdir(), 'restartable-mongo-'));
  const place = { dataDir, cacheDir: cacheFolder(process.env), path: process.env.PATH ?? '' };
  const start = () =>
    startMongodb({ ...place, isBrief: true, say: () => {}, signal: new AbortController().signal });
  let running = await start();
  // Each start takes a port of its own; the proxy looks here for every connection.
  const target = { host: '127.0.0.1', port: portOf(running.ready.uri) };
  const proxy = await startTcpProxy(target);
  const uri = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
  const name = `test_${randomBytes(8).toString('hex')}`;
  const { db, close } = await connectMongo(uri, name);
  t.after(async () => {
    await close();
    await proxy.close();
    await running.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  await ensureIndexes(db);
  const startAgain = async () => {
    running = await start();
    target.port = portOf(running.ready.uri);
  };
  return {
    database: { uri, name, db },
    db,
    kind: running.kind,
    startAgain,
    async restart() {
      await running.stop();
      await startAgain();
    },
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
  };
}

function portOf(uri: string): number {
  return Number(new URL(uri).port);
}
