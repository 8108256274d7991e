// Starts an appender process and gathers what it said until its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { AppenderTask } from './appender-process.ts';

export type AppenderRun = Readonly<{ tried: string[]; stored: string[]; closed: string[]; killed: boolean }>;

const ENTRY = join(import.meta.dirname, 'appender-process.ts');

/** Rejects when the process ends in any other way than by itself or by its own SIGKILL. */
export async function runAppenders(task: AppenderTask): Promise<AppenderRun> {
  const child = spawn(process.execPath, [ENTRY, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const killed = signal === 'SIGKILL' && task.kill !== null;
  if (code !== 0 && !killed) throw new Error(`An appender process ended with ${code ?? signal}: ${errors}`);
  const said = (word: string) =>
    output
      .split('\n')
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1));
  return { tried: said('tried'), stored: said('stored'), closed: said('closed'), killed };
}
