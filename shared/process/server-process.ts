// What the processes that serve until they are told to stop have in common: how they begin, say so, and end.
import { parseConfig } from './config.ts';
import { type KeyedConfig, withLocalKeys } from './local-keys.ts';
import { createLogger, type Logger } from './log.ts';
import { onShutdownSignal, ReleaseStack } from './release.ts';

export type ServerProcess = Readonly<{
  /** As in "The API could not start". */
  name: string;
  usage: string;
  env: Readonly<Record<string, string | undefined>>;
  /** What all that was acquired has to finish in, once it is told to stop. */
  stopTimeoutMs(config: KeyedConfig): number;
  /** Acquires what it needs; resolves once it serves, with what its log and a parent are told. */
  start(config: KeyedConfig, log: Logger, acquired: ReleaseStack): Promise<object>;
}>;

const EXIT_USAGE = 64;
const LINGER_MS = 1_000;

/**
 * Settings are environment variables: any argument but `--help` is refused, with exit code 64. Not to be awaited by an
 * entry file: it may be told to stop while it still waits for a server.
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

async function run({ name, env, stopTimeoutMs, start }: ServerProcess): Promise<void> {
  const resources = new ReleaseStack();
  try {
    const config = await withLocalKeys(parseConfig(env));
    const log = createLogger(config);
    onShutdownSignal((reason) => stop(reason, resources, stopTimeoutMs(config), log));
    const facts = await start(config, log, resources);
    log.info(facts, 'started');
    process.send?.(facts);
  } catch (error) {
    // Nothing was served yet, so the message holds nothing but the configuration's faults and their remedy.
    console.error(`${name} could not start. ${error instanceof Error ? error.message : ''}`);
    process.exitCode = 1;
    await resources.release(0);
  }
}

function stop(reason: string, resources: ReleaseStack, deadlineMs: number, log: Logger): void {
  log.info({ reason }, 'stopping');
  resources.release(deadlineMs).then(
    () => {
      log.info('stopped');
      // Only where something was left behind that would keep the process, such as a connection being made.
      setTimeout(() => process.exit(), LINGER_MS).unref();
    },
    (err: unknown) => {
      log.error({ err }, 'stopped with an error');
      process.exitCode = 1;
    },
  );
}
