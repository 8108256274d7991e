// Connects a command to the running service: configuration, keys, database.
import type { Db } from 'mongodb';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { type Config, parseConfig } from '../../shared/process/config.ts';
import { readLocalKeys } from '../../shared/process/local-keys.ts';
import { prepareIndexes } from '../../shared/process/prepare-indexes.ts';
import { findMongodbUri } from '../../shared/process/services.ts';
import { forgetSigningKeys } from '../../shared/process/signing-settings.ts';
import { EXIT } from './command.ts';

export type Connected = Readonly<{ config: Config; mongodbUri: string; db: Db }> & AsyncDisposable;

/**
 * Connects to the database that `MONGODB_URI` names or `npm start` runs; throws with the remedy when there is none. Reads
 * the local keys and makes none: no command signs a new log. Creates missing indexes, unless the command only reads: its
 * login need not have the right to.
 */
export async function connect({ onlyReads = false } = {}): Promise<Connected> {
  endWithParent();
  const parsed = parseConfig(process.env);
  // Threads inherit the environment.
  forgetSigningKeys(process.env);
  const config = await readLocalKeys(parsed);
  const mongodbUri = await findMongodbUri(config);
  const { db, close } = await connectMongo(mongodbUri, config.mongodbDb);
  try {
    if (!onlyReads) await (await prepareIndexes({ uri: mongodbUri, dbName: config.mongodbDb, db })).done;
  } catch (error) {
    await close();
    throw error;
  }
  return { config, mongodbUri, db, [Symbol.asyncDispose]: close };
}

/** Ends the command when the bootstrap that started it has ended, even killed. A rerun finds what was written. */
function endWithParent(): void {
  if (!process.channel) return;
  process.once('disconnect', () => process.exit(EXIT.error));
  // The listener must not keep a process alive that has finished its work.
  process.channel.unref();
}
