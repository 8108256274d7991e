// Runs an operator's command in the test's own process: a process of its own takes seconds to load the program. Each
// command has tests that run it as an operator does (`commands.ts`).
import { format } from 'node:util';
import type { Finished } from './commands.ts';

let isRunning = false;

/** Runs a command with these arguments and this environment, and gives what it printed. Throws while another one runs. */
export async function runHere(
  command: () => Promise<number>,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Finished> {
  if (isRunning) throw new Error('Commands that run at once need processes of their own: runScript');
  isRunning = true;
  const { argv, env: ownEnv } = process;
  const { log, error } = console;
  let stdout = '';
  let stderr = '';
  process.argv = [...argv.slice(0, 2), ...args];
  // One thread starts in half the time of two.
  process.env = { REPORT_THREADS: '1', ...env };
  console.log = (...line: unknown[]) => {
    stdout += `${format(...line)}\n`;
  };
  console.error = (...line: unknown[]) => {
    stderr += `${format(...line)}\n`;
  };
  try {
    return { code: await command(), stdout, stderr };
  } finally {
    process.argv = argv;
    process.env = ownEnv;
    Object.assign(console, { log, error });
    isRunning = false;
  }
}
