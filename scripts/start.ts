// `npm start`: from nothing to a running service. It finds or starts MongoDB and Redis, writes indexes and demo data,
// runs the API and the workers, and prints how to use them. At its end it stops what it started, and nothing else.
import type { Db } from 'mongodb';
import { connectMongo } from '../shared/mongo/connection.ts';
import { type Config, parseConfig } from '../shared/process/config.ts';
import { readLocalKeys, withLocalKeys } from '../shared/process/local-keys.ts';
import { prepareIndexes } from '../shared/process/prepare-indexes.ts';
import { publicUrl, reachableUrl } from '../shared/process/public-url.ts';
import { onShutdownSignal, ReleaseStack } from '../shared/process/release.ts';
import { updateServices } from '../shared/process/services.ts';
import { forgetSigningKeys } from '../shared/process/signing-settings.ts';
import { unlessAborted } from '../shared/process/unless-aborted.ts';
import { explainNeeds } from '../shared/sessions/describe-key-needs.ts';
import { countNeeds, createKeyNeeds } from '../shared/sessions/key-needs.ts';
import { findLogOrigins } from '../shared/transparency/find-log-origins.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { terminalLines } from './command/terminal-text.ts';
import { canSignDemoData, findDemoAccount, writeDemoData } from './demo/demo-data.ts';
import { describeFirstSteps } from './first-steps.ts';
import { type ApiProcess, startApi } from './setup/api-process.ts';
import { cacheFolder } from './setup/cache-folder.ts';
import { provideChromium } from './setup/chromium.ts';
import { assertAlone } from './setup/instance.ts';
import type { KeptPart } from './setup/keep-running.ts';
import { mendModes } from './setup/mend-modes.ts';
import { startMongodb } from './setup/mongodb.ts';
import { keepRedis, keepWorkers } from './setup/pipeline.ts';
import { describeLog } from './setup/service.ts';

const USAGE = `usage: npm start

Runs everything: MongoDB and Redis (those that MONGODB_URI and REDIS_URL name, else its own), the API and the workers.
Writes demo data if it started the MongoDB and the database is empty; in production only with DEMO=1. Prints the URL, a
link that signs a browser in, a cookie and three requests to paste; in production, or with MONGODB_URI, how to make a
link and a cookie in place of them.
Without a Redis it runs everything but the background pipeline. Ctrl-C stops what it started.

  PORT=8080          port of the API            DATA_DIR=.data   where data, keys and logs are kept
  HOST=127.0.0.1     address it listens at      DEMO=0           writes no demo data
  MONGODB_URI=…      uses this MongoDB          REDIS_URL=…      uses this Redis
  CHROME_PATH=…      prints PDFs with this Chromium
  README.md          lists every setting

exit: 0 stopped by a signal, 1 an error, 64 usage`;

/** Time for all releases, in addition to the time that running reports get. */
const STOP_SLACK_MS = 10_000;

/** `env`: what this process was given, for the API and the workers alone. */
type Settings = { config: Config; env: NodeJS.ProcessEnv };
type Context = Settings & { resources: ReleaseStack; signal: AbortSignal };

if (import.meta.main) {
  const run = async ({ positionals }: { positionals: string[] }) => {
    if (positionals.length > 0) throw new UsageError('Settings are environment variables, not arguments.');
    return await start();
  };
  const exitCode = await runCommand(USAGE, {}, run, { servesOn: true });
  // Ends at once: work that the stop interrupted, such as a download, may still be going on.
  process.exit(exitCode);
}

/** Runs until a signal stops it, which is a success. Throws if a part fails. */
async function start(): Promise<ExitCode> {
  // Ignores write errors: the terminal may be gone while services are being stopped.
  process.stdout.on('error', () => {});
  const stopping = new AbortController();
  onShutdownSignal((reason) => {
    say(`Stopping (${reason}) …`);
    stopping.abort();
  });

  const parsed = parseConfig(process.env);
  mendModes(parsed.dataDir, say);
  // A missing key is made once the database can say whether it was lost.
  const config = await readLocalKeys(parsed);
  const env = { ...process.env };
  // Threads inherit the environment, and have no use for these keys.
  forgetSigningKeys(process.env);
  await serveUntilStopped({ config, env }, stopping.signal);
  say('Stopped.');
  return EXIT.done;
}

/** Resolves once everything is released; throws when a part failed. */
async function serveUntilStopped(settings: Settings, signal: AbortSignal): Promise<void> {
  await using resources = new ReleaseStack(settings.config.reportTimeoutMs + STOP_SLACK_MS);
  try {
    await serve({ ...settings, resources, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Starts everything and never returns: it throws once a part ends by itself or the signal aborts. */
async function serve(context: Context): Promise<void> {
  const { config, signal } = context;
  await assertAlone(config, say, signal);
  const mongodb = await provideMongodb(context);
  await unlessAborted(signal, Promise.race([mongodb.ended, serveFrom(mongodb, context)]));
}

async function serveFrom(mongodb: { uri: string; isOwn: boolean }, context: Context): Promise<void> {
  const { config, resources, signal } = context;
  const { db, close } = await connectMongo(mongodb.uri, config.mongodbDb);
  resources.defer(() => close());
  say('Indexes: creating those that are missing …');
  const indexes = await prepareIndexes({ uri: mongodb.uri, dbName: config.mongodbDb, db });
  resources.defer(() => indexes.stop());
  const keyed = await withLocalKeys(config, {
    neededKeys: () => countNeeds(db),
    logOrigins: () => findLogOrigins(db),
  });
  const needed = await createKeyNeeds(db, keyed.auditKeys).find();
  if (needed.length > 0) say(explainNeeds(needed));
  const accountId = mongodb.isOwn && config.demo ? await provideDemoData(db, keyed) : null;
  signal.throwIfAborted();

  const redisUrl = await provideRedisUrl(context);
  const { chromePath } = config;
  const chromium = await provideChromium({ ...searchPlace(), chromePath, say, signal });
  const env = serviceEnv({ mongodbUri: mongodb.uri, redisUrl, chromium }, context);
  let workers: KeptPart | null = null;
  // Registered before the API's release, so it runs after that one: the workers stop once no report runs.
  resources.defer((force) => workers?.stop(force));
  say('API: starting …');
  const api = await runApi(env, context);
  const firstSteps = await describeFirstSteps(db, {
    apiUrl: reachableUrl(api.url),
    consoleUrl: publicUrl(config, api.url),
    accountId,
    hasQueues: redisUrl !== null,
    mayIssueLogin: mongodb.isOwn && !config.production,
    auditKeys: keyed.auditKeys,
  });
  say(['', `The API is at ${reachableUrl(api.url)}`, '', ...firstSteps, ''].join('\n'));
  signal.throwIfAborted();
  if (redisUrl !== null) workers = keepWorkers({ env, dataDir: config.dataDir, say, signal });
  throw new Error(`The API ended by itself (${await api.exited}): its output above says why.`);
}

async function provideMongodb({ config, resources, signal }: Context) {
  if (config.mongodbUri !== undefined) {
    say('MongoDB: the one that MONGODB_URI names');
    return { uri: config.mongodbUri, isOwn: false, ended: new Promise<never>(() => {}) };
  }
  const { dataDir } = config;
  const mongodb = await startMongodb({ ...searchPlace(), dataDir, say, signal });
  resources.defer(async () => {
    await mongodb.stop();
    updateServices(dataDir, { mongodb: null });
  });
  const { uri } = mongodb.ready;
  updateServices(dataDir, { mongodb: { uri, pid: mongodb.pid, kind: mongodb.kind } });
  const ended = mongodb.exited.then((how): never => {
    throw new Error(`${how} by itself, so everything stops. ${describeLog(mongodb.logFile)}`);
  });
  return { uri, isOwn: true, ended };
}

/** Null without a Redis. The background pipeline is then off, and the remedy was printed. */
async function provideRedisUrl({ config, resources, signal }: Context): Promise<string | null> {
  const { redisUrl, dataDir } = config;
  if (redisUrl === undefined) return keepRedis({ ...searchPlace(), dataDir, say, signal }, resources);
  say('Redis: the one that REDIS_URL names');
  return redisUrl;
}

/** Where programs are looked for, and where downloads are kept. */
function searchPlace() {
  return { path: process.env.PATH ?? '', cacheDir: cacheFolder(process.env) };
}

/** The account of the demo data if it was written now; null if the database already held data. */
async function provideDemoData(db: Db, config: Config): Promise<string | null> {
  const accountId = await findDemoAccount(db);
  if (accountId === null) return null;
  if (!canSignDemoData(config, accountId)) {
    say('Demo data: none, since every key in AUDIT_KEYS is bound to other accounts or to another time.');
    return null;
  }
  say('Demo data: writing a clinic (DEMO=0 writes none) …');
  await writeDemoData({ db, config, accountId, onProgress: say });
  return accountId;
}

type Found = { mongodbUri: string; redisUrl: string | null; chromium: string | null };

/** The environment of the API and the workers: what this process was given, with the addresses of what was found. */
function serviceEnv({ mongodbUri, redisUrl, chromium }: Found, { config, env }: Settings): NodeJS.ProcessEnv {
  const { MONGODB_URI_FILE: _, REDIS_URL_FILE: __, ...others } = env;
  return {
    ...others,
    MONGODB_URI: mongodbUri,
    DATA_DIR: config.dataDir,
    ...(redisUrl !== null && { REDIS_URL: redisUrl }),
    ...(chromium !== null && { CHROME_PATH: chromium }),
  };
}

async function runApi(env: NodeJS.ProcessEnv, { config, resources, signal }: Context): Promise<ApiProcess> {
  const api = await startApi(env, signal);
  resources.defer(async (force) => {
    await api.stop(force);
    updateServices(config.dataDir, { api: null });
  });
  updateServices(config.dataDir, { api: { url: api.url, pid: api.pid } });
  return api;
}

function say(line: string): void {
  console.log(terminalLines(line));
}
