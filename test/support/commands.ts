// Runs the operator's commands as an operator does: as processes of their own.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { COMPILE_CACHE } from './compile-cache.ts';
import { eventually } from './eventually.ts';
import type { TestDatabase } from './mongo.ts';

export type Finished = Readonly<{ code: number | null; stdout: string; stderr: string }>;

const ROOT = resolve(import.meta.dirname, '../..');

/** The variables that lead a command to a test's database, with these audit keys and nothing else configured. */
export function commandEnv(
  database: TestDatabase,
  dataDir: string,
  auditKeys: string,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    MONGODB_URI: database.uri,
    MONGODB_DB: database.name,
    DATA_DIR: dataDir,
    AUDIT_KEYS: auditKeys,
    ...COMPILE_CACHE,
  };
}

/** Runs a script to its end, or kills it once `killWhen` is true. */
export async function runScript(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
  { killWhen }: { killWhen?: () => Promise<boolean> } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [resolve(ROOT, 'scripts', script), ...args], { cwd: ROOT, env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const { promise, resolve: finish } = Promise.withResolvers<number | null>();
  child.on('close', finish);
  if (killWhen) {
    const isOver = async () => child.exitCode !== null || (await killWhen());
    await eventually(`${script} is to be killed`, isOver, { everyMs: 1 });
    child.kill('SIGKILL');
  }
  const code = await promise;
  return { code, stdout, stderr };
}
