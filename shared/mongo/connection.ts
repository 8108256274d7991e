// Opens connections to MongoDB; nothing else does.
import { type Db, MongoClient, type TopologyDescription } from 'mongodb';
import { AppError } from '../errors/app-error.ts';
import { optionsOf } from './connection-string.ts';
import { describeRefusal } from './describe-refusal.ts';
import { DURABLE, evidenceCollection } from './evidence.ts';
import './fail-lost-writes.ts';

/** An open client with its database; `close` ends both. */
export type MongoConnection = Readonly<{ client: MongoClient; db: Db; close(): Promise<void> }>;

/** Pool size and time-outs of a connection, which come before those in the URI. */
export type MongoOptions = Readonly<{
  /** Sockets at most. */
  maxPoolSize?: number;
  /** Milliseconds to look for a server. */
  serverSelectionTimeoutMs?: number;
  /** Milliseconds for which a command may get no answer; 0 for any. */
  socketTimeoutMs?: number;
}>;

/**
 * What holds where neither the caller nor the URI says otherwise. `timeoutMS` does nothing in this driver
 * (CVE-2026-119179); these limits do.
 */
const DEFAULTS = {
  appName: 'masker-evidence',
  maxPoolSize: 20,
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  waitQueueTimeoutMS: 10_000,
  socketTimeoutMS: 60_000,
} as const;

/** Makes a client that connects at its first operation. Throws the driver's error for a URI that it cannot read. */
export function openMongo(uri: string, dbName: string, options: MongoOptions = {}): MongoConnection {
  // The driver lets options overrule the URI.
  const stated = optionsOf(uri);
  const defaults = Object.entries(DEFAULTS).filter(([name]) => !stated.has(name.toLowerCase()));
  const {
    maxPoolSize,
    serverSelectionTimeoutMs: serverSelectionTimeoutMS,
    socketTimeoutMs: socketTimeoutMS,
  } = options;
  const client = new MongoClient(uri, {
    ...Object.fromEntries(defaults),
    ...(maxPoolSize !== undefined && { maxPoolSize }),
    ...(serverSelectionTimeoutMS !== undefined && { serverSelectionTimeoutMS }),
    ...(socketTimeoutMS !== undefined && { socketTimeoutMS }),
    // The driver makes a RegExp of each pattern in a row, and fails the whole read where it can make none.
    bsonRegExp: true,
  });
  return { client, db: client.db(dbName, DURABLE), close: () => client.close() };
}

/**
 * Makes a client and connects it. Rejects with `unavailable` when no server answers in time, when it refuses the
 * connection, is a replica set's member other than the primary, or has majority reads turned off. The message says which,
 * with a remedy, and holds nothing of the URI.
 */
export async function connectMongo(
  uri: string,
  dbName: string,
  options: MongoOptions = {},
): Promise<MongoConnection> {
  const mongo = openMongo(uri, dbName, options);
  let topology: TopologyDescription | null = null;
  const sets = new Set<string | null>();
  mongo.client.on('topologyDescriptionChanged', ({ newDescription }) => {
    topology = newDescription;
  });
  mongo.client.on('serverHeartbeatSucceeded', ({ reply }) => {
    sets.add(typeof reply.setName === 'string' ? reply.setName : null);
  });
  try {
    await mongo.client.connect();
    if (topology && isOtherMember(topology)) throw new AppError('unavailable', NOT_PRIMARY);
    // Any read of evidence would do: a server without majority reads refuses it, whatever it asks for.
    await evidenceCollection(mongo.db, 'policies').findOne({}, { projection: { _id: 1 } });
  } catch (cause) {
    await mongo.close();
    if (cause instanceof AppError) throw cause;
    const expectedSet = mongo.client.options.replicaSet ?? null;
    throw new AppError('unavailable', describeRefusal(cause, { topology, expectedSet, sets }), { cause });
  }
  return mongo;
}

/** Whether the URI leads to one member of a set alone, and that is not the primary: the driver would read from it. */
function isOtherMember({ type, servers }: TopologyDescription): boolean {
  const [server] = servers.values();
  return type === 'Single' && server !== undefined && OTHER_MEMBERS.has(server.type);
}

const OTHER_MEMBERS = new Set<string>(['RSSecondary', 'RSArbiter', 'RSOther', 'RSGhost']);

const NOT_PRIMARY =
  'MONGODB_URI leads to a member of a replica set that is not its primary: name the members of the set, and remove directConnection.';
