// Opens connections to MongoDB; nothing else does.
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { AppError } from '../errors/app-error.ts';
import { DURABLE } from './evidence.ts';
import './fail-lost-writes.ts';

/** An open client with its database; `close` ends both. */
export type MongoConnection = Readonly<{ client: MongoClient; db: Db; close(): Promise<void> }>;

/** Pool size and time-outs of a connection. */
export type MongoOptions = Readonly<{
  /** Sockets at most; 20 by default. */
  maxPoolSize?: number;
  /** Milliseconds to look for a server; 5,000 by default. */
  serverSelectionTimeoutMs?: number;
}>;

/** Makes a client that connects at its first operation. Throws the driver's error for a URI that it cannot read. */
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
  return { client, db: client.db(dbName, DURABLE), close: () => client.close() };
}

/**
 * Makes a client and connects it. Rejects with `unavailable` when no server answers in time, or when it refuses the
 * connection. The message holds a remedy and nothing of the URI.
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

/** Whether the driver can read a connection string. The driver's errors are dropped: they may quote a password. */
export function isMongodbUri(uri: string): boolean {
  try {
    new MongoClient(uri);
    return true;
  } catch {
    return false;
  }
}
