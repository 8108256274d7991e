// Opens connections to MongoDB; nothing else does.
import { type Db, MongoClient, MongoServerError, type TopologyDescription } from 'mongodb';
import { AppError } from '../errors/app-error.ts';
import { DURABLE, evidenceCollection } from './evidence.ts';
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
 * Makes a client and connects it. Rejects with `unavailable` when no server answers in time, when it refuses the
 * connection, is a replica set's member other than the primary, or has majority reads turned off. The message holds a remedy and nothing of the URI.
 */
export async function connectMongo(
  uri: string,
  dbName: string,
  options: MongoOptions = {},
): Promise<MongoConnection> {
  const mongo = openMongo(uri, dbName, options);
  let seen: TopologyDescription | null = null;
  mongo.client.on('topologyDescriptionChanged', ({ newDescription }) => {
    seen = newDescription;
  });
  try {
    await mongo.client.connect();
    if (seen && isOtherMember(seen)) throw new AppError('unavailable', NOT_PRIMARY);
    // Any read of evidence would do: a server without majority reads refuses it, whatever it asks for.
    await evidenceCollection(mongo.db, 'policies').findOne({}, { projection: { _id: 1 } });
  } catch (cause) {
    await mongo.close();
    if (cause instanceof AppError) throw cause;
    throw new AppError('unavailable', describeRefusal(cause), { cause });
  }
  return mongo;
}

function describeRefusal(cause: unknown): string {
  if (!(cause instanceof MongoServerError)) return SILENT;
  return cause.code === MAJORITY_NOT_ENABLED ? NO_MAJORITY : REFUSES;
}

/** ReadConcernMajorityNotEnabled, from a member that was started so. */
const MAJORITY_NOT_ENABLED = 148;

/** Whether the URI leads to one member of a set alone, and that is not the primary: the driver would read from it. */
function isOtherMember({ type, servers }: TopologyDescription): boolean {
  const [server] = servers.values();
  return type === 'Single' && server !== undefined && OTHER_MEMBERS.has(server.type);
}

const OTHER_MEMBERS = new Set<string>(['RSSecondary', 'RSArbiter', 'RSOther', 'RSGhost']);

const NOT_PRIMARY =
  'MONGODB_URI leads to a member of a replica set that is not its primary: name the members of the set, and remove directConnection.';
const NO_MAJORITY =
  'MongoDB has majority reads turned off, without which an election can take evidence back: start its members without enableMajorityReadConcern: false.';
const SILENT = 'MongoDB does not answer: see whether MONGODB_URI is right and its server runs.';
const REFUSES =
  'MongoDB refuses the connection: see whether the login and the options in MONGODB_URI are right.';
