// Opens connections to MongoDB; nothing else does.
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { AppError } from '../errors/app-error.ts';

/** An open client with its database; `close` ends both. */
export type MongoConnection = Readonly<{ client: MongoClient; db: Db; close(): Promise<void> }>;

/** Pool size and time-outs of a connection. */
export type MongoOptions = Readonly<{
  /** Sockets at most. */
  maxPoolSize?: number;
  /** How long to look for a server before giving up. */
  serverSelectionTimeoutMs?: number;
}>;

/** A client that connects at its first operation. */
export function openMongo(uri: string, dbName: string, options: MongoOptions = {}): MongoConnection {
  // `timeoutMS` does nothing in this driver (CVE-2026-119179); these limits do.
  const client = new MongoClient(uri, {
    appName: 'masker-evidence',
    maxPoolSize: options.maxPoolSize ?? 20,
    serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
    connectTimeoutMS: 5_000,
    waitQueueTimeoutMS: 10_000,
    socketTimeoutMS: 60_000,
  });
  return { client, db: client.db(dbName), close: () => client.close() };
}

/**
 * Connects. Throws `unavailable`, with a remedy and nothing of the URI, when no server answers in time or it refuses.
 */
export async function connectMongo(
  uri: string,
  dbName: string,
  options: MongoOptions = {},
): Promise<MongoConnection> {
  const mongo = openMongo(uri, dbName, options);
  try {
    await mongo.client.connect();
  } catch (cause) {
    await mongo.close();
    throw new AppError('unavailable', cause instanceof MongoServerError ? REFUSES : SILENT, { cause });
  }
  return mongo;
}

const SILENT = 'MongoDB does not answer: see whether MONGODB_URI is right and its server runs.';
const REFUSES =
  'MongoDB refuses the connection: see whether the login and the options in MONGODB_URI are right.';

/** Whether the driver can read a connection string. Its own errors may repeat the string, password and all. */
export function isMongodbUri(uri: string): boolean {
  try {
    new MongoClient(uri);
    return true;
  } catch {
    return false;
  }
}
