// Compiles Java sources of ours once, into the cache folder: a `java FILE.java` compiles anew at each start.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { serviceEnv } from './child-env.mjs';
import { OLDEST_JAVA, publish } from './maven-jars.ts';

export type JavaSources = Readonly<{
  /** A name for the folder of the classes. */
  name: string;
  /** The folder of the sources. */
  from: string;
  /** The folder of the libraries that they use. */
  jars: string;
  cacheDir: string;
  signal: AbortSignal;
}>;

/** The folder that holds the classes, or the reason why there is none. */
export async function compileJava(sources: JavaSources): Promise<{ folder: string } | { missing: string }> {
  const { name, from, jars, cacheDir, signal } = sources;
  const paths = await list(from, '.java');
  const libraries = await list(jars, '.jar');
  const hash = createHash('sha256').update(libraries.join());
  for (const path of paths) hash.update(await readFile(path));
  const folder = join(cacheDir, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return { folder };

  const temporary = `${folder}.${process.pid}`;
  await mkdir(temporary, { recursive: true });
  try {
    // By `java`, which is known to be there: a folder of PATH may hold it alone.
    const compiler = ['-m', 'jdk.compiler/com.sun.tools.javac.Main'];
    const classPath = libraries.join(delimiter);
    const args = ['--release', String(OLDEST_JAVA), '-cp', classPath, '-d', temporary, ...paths];
    const compiled = await execa('java', [...compiler, ...args], {
      stdin: 'ignore',
      all: true,
      env: serviceEnv(process.env),
      extendEnv: false,
      reject: false,
      cancelSignal: signal,
    });
    signal.throwIfAborted();
    if (compiled.failed) {
      const [first] = compiled.all.split('\n').filter((line) => /error/i.test(line));
      const why = first ?? `exit code ${compiled.exitCode}`;
      return { missing: `the java on the PATH could not compile ${name}, a JDK is needed (${why})` };
    }
    await publish(temporary, folder);
    return { folder };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function list(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}
