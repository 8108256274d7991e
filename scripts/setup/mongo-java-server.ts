// mongo-java-server with H2 on disk: what serves MongoDB's protocol where no mongod can be had. Its jars come through
// Maven, once, into the cache folder; Launcher.java beside its pom.xml starts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const VERSION = '1.47.0';
const OLDEST_JAVA = 17;
const FOLDER = join(import.meta.dirname, 'mongo-java-server');

/** The command that starts the server over a file on a free port, or why it cannot be had. */
export type JavaServer = { command: string; argsFor(file: string): string[] } | { missing: string };

export async function fetchMongoJavaServer(
  cacheDir: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<JavaServer> {
  const version = await javaVersion();
  if (version === null) return { missing: 'no java on the PATH' };
  if (version < OLDEST_JAVA)
    return { missing: `Java ${version} is too old (${OLDEST_JAVA} or newer is needed)` };

  const jars = join(cacheDir, `mongo-java-server-${VERSION}`);
  if (!existsSync(jars)) {
    say(`MongoDB: fetching mongo-java-server ${VERSION} through Maven (once, into ${jars}) …`);
    const problem = await fetchJars(jars, signal);
    if (problem !== null) return { missing: problem };
  }
  return {
    command: 'java',
    // One collector thread: half the memory of the default, and no slower at this size.
    argsFor: (file) => [
      ...['-XX:+UseSerialGC', '-Dslf4j.internal.verbosity=ERROR', '-cp', join(jars, '*')],
      ...[join(FOLDER, 'Launcher.java'), file, '0'],
    ],
  };
}

/** The port that the launcher says it listens on; null until it does. */
export function announcedPort(log: string): number | null {
  const match = /^listening on 127\.0\.0\.1:(\d+)$/m.exec(log);
  return match ? Number(match[1]) : null;
}

async function javaVersion(): Promise<number | null> {
  const { code, output } = await run('java', ['--version']);
  if (code === null) return null;
  const match = /^\S+ (\d+)/.exec(output);
  // Java 8 does not know `--version`.
  return match ? Number(match[1]) : 8;
}

async function fetchJars(jars: string, signal: AbortSignal): Promise<string | null> {
  const temporary = `${jars}.${process.pid}`;
  await mkdir(temporary, { recursive: true });
  const { code, output } = await run(
    'mvn',
    [
      ...['--quiet', '--batch-mode', '--strict-checksums', '--file', join(FOLDER, 'pom.xml')],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${temporary}`],
    ],
    signal,
  );
  signal.throwIfAborted();
  if (code === 0) await publish(temporary, jars);
  await rm(temporary, { recursive: true, force: true });
  if (code === 0) return null;
  if (code === null) return 'no mvn (Maven) on the PATH';
  return `Maven could not fetch mongo-java-server (${/^\[ERROR\] (.*)$/m.exec(output)?.[1] ?? `exit code ${code}`})`;
}

async function publish(temporary: string, jars: string): Promise<void> {
  try {
    await rename(temporary, jars);
  } catch (error) {
    // Another process was first; its jars are the same.
    if (!existsSync(jars)) throw error;
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
