// The one way to a database.
import { type Db, MongoClient } from 'mongodb';

export type MongoConnection = Readonly<{ client: MongoClient; db: Db; close(): Promise<void> }>;

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

/** Connects, or throws the driver's error when no server answers in time. */
export async function connectMongo(
  uri: string,
  dbName: string,
  options: MongoOptions = {},
): Promise<MongoConnection> {
  const mongo = openMongo(uri, dbName, options);
  await mongo.client.connect();
  return mongo;
}
