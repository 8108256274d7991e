// Starts a MongoDB for local use: a mongod on the PATH, else one that was or can be downloaded, else mongo-java-server.
// mongod and mongo-java-server have separate data folders, and neither may ever open the other's.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { MongoClient } from 'mongodb';
import { announcedPort, fetchMongoJavaServer } from './mongo-java-server.ts';
import { fetchMongod, findMongodOnPath } from './mongod-binary.ts';
import { type RunningService, startService } from './service.ts';

export type MongodbKind = 'mongod' | 'mongodb-memory-server' | 'mongo-java-server';

export type RunningMongodb = RunningService<{ uri: string }> & { kind: MongodbKind; logFile: string };

export type MongodbPlace = {
  dataDir: string;
  /** Where downloads are kept. */
  cacheDir: string;
  /** The PATH to look for a mongod on. */
  path: string;
  /** Takes progress lines. */
  say(line: string): void;
  signal: AbortSignal;
  /** For a server that runs for minutes: compiles its code quickly in place of well. */
  isBrief?: boolean;
};

const REMEDY =
  'install mongod, or Java 17 or newer (a JDK) and Maven, or set MONGODB_URI to a MongoDB that runs';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** Starts a MongoDB and waits until it answers. Throws one error with every reason and the remedies otherwise. */
export async function startMongodb(place: MongodbPlace): Promise<RunningMongodb> {
  const folders = { mongod: join(place.dataDir, 'mongodb'), java: join(place.dataDir, 'mongodb-java') };
  const hasMongodData = await hasFiles(folders.mongod);
  const hasJavaData = await hasFiles(folders.java);
  const reasons: string[] = [];

  if (hasJavaData && !hasMongodData) {
    if ('path' in (await findMongodOnPath(place.path))) {
      place.say(
        `MongoDB: not the mongod on the PATH, because mongo-java-server wrote the data in ${folders.java}`,
      );
    }
  } else {
    const started = await startMongod(place, folders.mongod, reasons);
    if (started) return started;
    if (hasMongodData) {
      throw new Error(
        `The data in ${folders.mongod} was written by mongod, and there is none now (${reasons.join('; ')}): ` +
          'install mongod, or set DATA_DIR to another folder.',
      );
    }
  }
  const started = await startJavaServer(place, folders.java, reasons);
  if (started) return started;
  if (hasJavaData) {
    throw new Error(
      `The data in ${folders.java} was written by mongo-java-server, which cannot be had now ` +
        `(${reasons.join('; ')}): install Java 17 or newer (a JDK) and Maven, or set DATA_DIR to another folder.`,
    );
  }
  throw new Error(`No MongoDB can be had (${reasons.join('; ')}): ${REMEDY}.`);
}

async function startMongod(
  place: MongodbPlace,
  folder: string,
  reasons: string[],
): Promise<RunningMongodb | null> {
  let kind: MongodbKind = 'mongod';
  let binary = await findMongodOnPath(place.path);
  if ('missing' in binary) {
    reasons.push(binary.missing);
    kind = 'mongodb-memory-server';
    binary = await fetchMongod(place.cacheDir, place.say);
  }
  if ('missing' in binary) {
    reasons.push(binary.missing);
    return null;
  }
  const port = await getPort({ host: '127.0.0.1' });
  const args = ['--bind_ip', '127.0.0.1', '--port', `${port}`, '--dbpath', folder, '--nounixsocket'];
  return start(place, { kind, folder, command: binary.path, args, portOf: () => port });
}

async function startJavaServer(
  place: MongodbPlace,
  folder: string,
  reasons: string[],
): Promise<RunningMongodb | null> {
  const server = await fetchMongoJavaServer(place.cacheDir, place.say, place.signal);
  if ('missing' in server) {
    reasons.push(server.missing);
    return null;
  }
  const args = server.argsFor(join(folder, 'data.mv'), place.isBrief);
  return start(place, {
    kind: 'mongo-java-server',
    folder,
    command: server.command,
    args,
    portOf: announcedPort,
  });
}

type Launch = {
  kind: MongodbKind;
  folder: string;
  command: string;
  args: string[];
  portOf(log: string): number | null;
};

async function start(place: MongodbPlace, launch: Launch): Promise<RunningMongodb> {
  const { kind, folder, command, args, portOf } = launch;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const logFile = join(place.dataDir, 'mongodb.log');
  const service = await startService(
    {
      name: 'MongoDB',
      command,
      args,
      logFile,
      probe: async (log) => {
        const port = portOf(log);
        if (port === null) return null;
        const uri = `mongodb://127.0.0.1:${port}`;
        return (await answersPing(uri)) ? { uri } : null;
      },
      startTimeoutMs: START_TIMEOUT_MS,
      stopTimeoutMs: STOP_TIMEOUT_MS,
    },
    place.signal,
  );
  place.say(`MongoDB: ${kind} at ${service.ready.uri}, data in ${folder}`);
  return { ...service, kind, logFile };
}

async function answersPing(uri: string): Promise<boolean> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1_000 });
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function hasFiles(folder: string): Promise<boolean> {
  return readdir(folder).then(
    (names) => names.length > 0,
    () => false,
  );
}
