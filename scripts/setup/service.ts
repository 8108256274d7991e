// Starts a service under a keeper (keeper.mjs): the service runs in its own process group, ends with this process, and
// gets nothing of our settings.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from '../../shared/process/kill-group.ts';
import { serviceEnv } from './child-env.mjs';

export type ServiceSpec<Ready> = {
  /** The service's name in messages. */
  name: string;
  command: string;
  args: readonly string[];
  /** Receives the service's output; emptied at each start. */
  logFile: string;
  /** Called again and again with the output so far. Null: not ready yet; else what is known of the service. */
  probe(log: string): Promise<Ready | null>;
  startTimeoutMs: number;
  /** Milliseconds that a stop may take before the service is killed. */
  stopTimeoutMs: number;
};

export type RunningService<Ready> = {
  ready: Ready;
  /** The service's own process, not its keeper's. */
  pid: number;
  /** Settles when the service has ended, by `stop` or by itself, with one line that says how. */
  exited: Promise<string>;
  stop(): Promise<void>;
};

const KEEPER = join(import.meta.dirname, 'keeper.mjs');
const PROBE_INTERVAL_MS = 50;

/** Resolves once the service is ready. Throws, with its last lines of output, if it ends before or takes too long. */
export async function startService<Ready>(
  spec: ServiceSpec<Ready>,
  signal: AbortSignal,
): Promise<RunningService<Ready>> {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const { command, args, logFile, stopTimeoutMs } = spec;
  const keeper = spawn(
    process.execPath,
    [KEEPER, JSON.stringify({ command, args, logFile, stopTimeoutMs })],
    {
      detached: true,
      env: serviceEnv(process.env),
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  keeper.stdin.on('error', () => {});

  let ended = false;
  const exited = once(keeper, 'exit').then(([code, killedBy]: unknown[]) => {
    ended = true;
    // The service of a killed keeper is still in the keeper's process group.
    if (killedBy && keeper.pid) killGroup(keeper.pid, 'SIGTERM');
    return `${spec.name} ended (${killedBy ?? `exit code ${code}`})`;
  });
  const stop = async () => {
    keeper.stdin.end();
    await exited;
  };

  try {
    const pid = await readPid(keeper.stdout, spec);
    const deadline = Date.now() + spec.startTimeoutMs;
    while (Date.now() < deadline && !ended) {
      signal.throwIfAborted();
      const ready = await spec.probe(readLog(logFile));
      if (ready !== null) return { ready, pid, exited, stop };
      await sleep(PROBE_INTERVAL_MS);
    }
    const how = ended ? await exited : `${spec.name} did not answer in ${spec.startTimeoutMs / 1000} s`;
    throw new Error(`${how}. ${describeLog(logFile)}`);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readPid(
  output: AsyncIterable<Buffer>,
  spec: { name: string; command: string },
): Promise<number> {
  let text = '';
  for await (const chunk of output) {
    text += chunk;
    if (text.endsWith('\n')) break;
  }
  const { pid, error }: { pid?: number; error?: string } = text === '' ? {} : JSON.parse(text);
  if (pid !== undefined) return pid;
  throw new Error(
    `${spec.name} could not be started: ${spec.command} cannot be run (${error ?? 'its keeper ended'})`,
  );
}

const SHOWN_LINES = 15;

/** The end of a service's log: a sentence and the last lines, for an error message. */
export function describeLog(logFile: string): string {
  const lines = readLog(logFile).trimEnd().split('\n').slice(-SHOWN_LINES);
  return `The end of its log (${logFile}):\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function readLog(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8');
  } catch {
    return '';
  }
}
