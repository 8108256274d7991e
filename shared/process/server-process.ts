// How a server process (the API, the workers) starts, reports that it serves, and stops.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { connectMongo } from '../mongo/connection.ts';
import { countNeeds } from '../sessions/key-needs.ts';
import { findLogOrigins } from '../transparency/find-log-origins.ts';
import { type Config, parseConfig } from './config.ts';
import { type KeyedConfig, withLocalKeys } from './local-keys.ts';
import { createLogger, type Logger } from './log.ts';
import { onShutdownSignal, ReleaseStack } from './release.ts';
import { findMongodbUri } from './services.ts';
import { forgetSigningKeys } from './signing-settings.ts';

/** A process that serves or works until it gets a signal to stop. */
export type ServerProcess = Readonly<{
  /** Subject of messages, as in "The API could not start". */
  name: string;
  usage: string;
  /** The private keys are removed from it once they are read: threads and processes inherit it. */
  env: Record<string, string | undefined>;
  /** Milliseconds that all releases have together after the signal to stop. */
  stopTimeoutMs(config: KeyedConfig): number;
  /**
   * Milliseconds between SIGTERM and the first release, 0 by default. The process says that it is not ready, and serves
   * on: whoever routes requests to it has to hear of that first.
   */
  drainMs?(config: KeyedConfig): number;
  /**
   * Acquires resources, each with its release. Resolves once it serves, to facts for the log and the parent. `stopping`
   * aborts at the signal to stop, before anything is released.
   */
  start(config: KeyedConfig, log: Logger, acquired: ReleaseStack, stopping: AbortSignal): Promise<object>;
}>;

const EXIT_USAGE = 64;
const LINGER_MS = 1_000;

/**
 * Starts the process, and stops it at the first shutdown signal. Settings are environment variables: any argument but
 * `--help` is refused with exit code 64, and a failed start exits with 1. An entry file must not await it: a stop may
 * come while `start` still waits for a server.
 */
export async function runServerProcess(server: ServerProcess): Promise<void> {
  const args = process.argv.slice(2);
  if (args.length === 0) await run(server);
  else if (args.every((arg) => arg === '--help' || arg === '-h')) console.log(server.usage);
  else {
    console.error(server.usage);
    process.exitCode = EXIT_USAGE;
  }
}

async function run({ name, env, stopTimeoutMs, drainMs, start }: ServerProcess): Promise<void> {
  const resources = new ReleaseStack();
  const stopping = new AbortController();
  let serves = false;
  try {
    const parsed = parseConfig(env);
    forgetSigningKeys(env);
    const config = await withLocalKeys(parsed, {
      neededKeys: () => ask(parsed, countNeeds),
      logOrigins: () => ask(parsed, findLogOrigins),
    });
    const log = createLogger(config);
    onShutdownSignal(async (reason) => {
      log.info({ reason }, 'stopping');
      stopping.abort();
      // A person at a terminal does not wait, and nobody is sent to a process that does not serve yet.
      if (reason === 'SIGTERM' && serves) await sleep(drainMs?.(config) ?? 0);
      stop(resources, stopTimeoutMs(config), log);
    });
    const facts = await start(config, log, resources, stopping.signal);
    serves = true;
    log.info(facts, 'started');
    process.send?.(facts);
  } catch (error) {
    // A stop takes from a start what it waits for.
    if (stopping.signal.aborted) return;
    // Safe to print: nothing was served yet, so the message describes the configuration or a server that is away.
    console.error(`${name} could not start. ${error instanceof Error ? error.message : ''}`);
    process.exitCode = 1;
    await resources.release(0);
  }
}

/** Connects by itself: the process connects for good once it has its keys. */
async function ask<Answer>(config: Config, question: (db: Db) => Promise<Answer>): Promise<Answer> {
  const { db, close } = await connectMongo(await findMongodbUri(config), config.mongodbDb);
  return question(db).finally(close);
}

function stop(resources: ReleaseStack, deadlineMs: number, log: Logger): void {
  resources.release(deadlineMs).then(
    () => {
      log.info('stopped');
      // Unreferenced: it ends only a process that a resource left behind keeps alive, such as a connection being made.
      setTimeout(() => process.exit(), LINGER_MS).unref();
    },
    (err: unknown) => {
      log.error({ err }, 'stopped with an error');
      process.exitCode = 1;
    },
  );
}
