import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogWorld } from './audit-world.ts';
import { TEST_LOCK_MS } from './start-pipeline.ts';
import type { WorkerTask } from './worker-process.ts';

const ENTRY = join(import.meta.dirname, 'worker-process.ts');

export type WorkerProcess = Readonly<{
  /** How many lines of its log match. */
  countLines(pattern: RegExp): number;
  /** Settles when it has ended, with the signal that ended it. */
  ended: Promise<NodeJS.Signals | null>;
  /** Rejects where it ends with an error. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}>;

type Cleaned = { after(cleanUp: () => Promise<void>): void };

/** Runs a process of the pipeline on a test's database. It ends with the test at the latest. */
export function runWorker(
  t: Cleaned,
  { database }: Pick<LogWorld, 'database'>,
  redisUrl: string,
  options: Partial<Pick<WorkerTask, 'kill' | 'clockBackMs' | 'mongodbUri' | 'sweepEveryMs'>> = {},
): WorkerProcess {
  const dataDir = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  const task: WorkerTask = {
    mongodbUri: database.uri,
    dbName: database.name,
    dataDir,
    redisUrl,
    kill: null,
    lockMs: TEST_LOCK_MS,
    sweepEveryMs: 60_000,
    guardMs: 1_000,
    ...options,
  };
  const child: ChildProcess = spawn(process.execPath, [ENTRY, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  t.after(async () => {
    await end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });
  const countLines = (pattern: RegExp) => output.split('\n').filter((line) => pattern.test(line)).length;
  const stop = async () => {
    await end('SIGTERM');
    assert.ok(!child.exitCode, `The worker ended with exit code ${child.exitCode}`);
  };
  return { countLines, ended, stop, kill: () => end('SIGKILL') };
}
