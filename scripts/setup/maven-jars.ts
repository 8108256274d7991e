// Fetches the Java libraries that a tool of ours needs, once, through Maven into the cache folder.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { serviceEnv, toolEnv } from './child-env.mjs';

export const OLDEST_JAVA = 17;

export type JarList = Readonly<{
  /** A name for messages and for the folder of the jars. */
  name: string;
  version: string;
  /** A `pom.xml` that names them as its dependencies. */
  pom: string;
  cacheDir: string;
  /** Called before they are fetched. */
  onFetch?(folder: string): void;
  signal: AbortSignal;
}>;

/** The folder that holds the jars, or the reason why there is none. */
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
  const { exitCode, stdout } = await execa('java', ['--version'], {
    stdin: 'ignore',
    env: serviceEnv(process.env),
    extendEnv: false,
    reject: false,
  });
  if (exitCode === undefined) return null;
  const match = /^\S+ (\d+)/.exec(stdout);
  // Java 8 does not know `--version`.
  return match ? Number(match[1]) : 8;
}

/** Null once the jars are in the folder, else the reason. */
async function copyDependencies({ name, pom, signal }: JarList, folder: string): Promise<string | null> {
  const temporary = `${folder}.${process.pid}`;
  await mkdir(temporary, { recursive: true });
  try {
    const args = [
      ...['--quiet', '--batch-mode', '--strict-checksums', '--file', pom],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${temporary}`],
    ];
    const maven = await execa('mvn', args, {
      stdin: 'ignore',
      all: true,
      env: toolEnv(process.env),
      extendEnv: false,
      reject: false,
      cancelSignal: signal,
    });
    signal.throwIfAborted();
    if (maven.code === 'ENOENT') return 'no mvn (Maven) on the PATH';
    if (maven.failed) {
      const why = /^\[ERROR\] (.*)$/m.exec(maven.all)?.[1] ?? `exit code ${maven.exitCode}`;
      return `Maven could not fetch ${name} (${why})`;
    }
    await publish(temporary, folder);
    return null;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Gives a folder its name, at once and whole. */
export async function publish(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    // Another process was faster; its files are the same.
    if (!existsSync(folder)) throw error;
  }
}
