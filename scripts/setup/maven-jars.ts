// Java libraries that a tool of ours needs, fetched once through Maven into the cache folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const OLDEST_JAVA = 17;

export type JarList = Readonly<{
  /** What the jars are, for messages and for the name of their folder. */
  name: string;
  version: string;
  /** A `pom.xml` that names them as its dependencies. */
  pom: string;
  cacheDir: string;
  /** Called before they are fetched. */
  onFetch?(folder: string): void;
  signal: AbortSignal;
}>;

/** The folder that holds the jars, or why they cannot be had. */
export type Jars = { folder: string } | { missing: string };

export async function fetchJars(list: JarList): Promise<Jars> {
  const version = await javaVersion();
  if (version === null) return { missing: 'no java on the PATH' };
  if (version < OLDEST_JAVA)
    return { missing: `Java ${version} is too old (${OLDEST_JAVA} or newer is needed)` };

  const folder = join(list.cacheDir, `${list.name}-${list.version}`);
  if (existsSync(folder)) return { folder };
  list.onFetch?.(folder);
  const problem = await copyDependencies(list, folder);
  return problem === null ? { folder } : { missing: problem };
}

async function javaVersion(): Promise<number | null> {
  const { code, output } = await run('java', ['--version']);
  if (code === null) return null;
  const match = /^\S+ (\d+)/.exec(output);
  // Java 8 does not know `--version`.
  return match ? Number(match[1]) : 8;
}

async function copyDependencies({ name, pom, signal }: JarList, folder: string): Promise<string | null> {
  const temporary = `${folder}.${process.pid}`;
  await mkdir(temporary, { recursive: true });
  const { code, output } = await run(
    'mvn',
    [
      ...['--quiet', '--batch-mode', '--strict-checksums', '--file', pom],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${temporary}`],
    ],
    signal,
  );
  signal.throwIfAborted();
  if (code === 0) await publish(temporary, folder);
  await rm(temporary, { recursive: true, force: true });
  if (code === 0) return null;
  if (code === null) return 'no mvn (Maven) on the PATH';
  return `Maven could not fetch ${name} (${/^\[ERROR\] (.*)$/m.exec(output)?.[1] ?? `exit code ${code}`})`;
}

async function publish(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    // Another process was first; its jars are the same.
    if (!existsSync(folder)) throw error;
  }
}

/** Runs a command to its end; the code is null if it cannot be run. */
async function run(
  command: string,
  args: string[],
  signal?: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  try {
    const [code, killedBy] = await once(child, 'close');
    return { code: code ?? (killedBy ? 1 : null), output };
  } catch {
    return { code: null, output };
  }
}
