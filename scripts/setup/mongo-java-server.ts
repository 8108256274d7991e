// mongo-java-server with H2 on disk serves MongoDB's protocol where there is no mongod. Maven fetches its jars once
// into the cache folder; Launcher.java, beside its pom.xml, starts it.
import { delimiter, join } from 'node:path';
import { compileJava } from './java-classes.ts';
import { fetchJars } from './maven-jars.ts';

const VERSION = '1.47.0';
const FOLDER = join(import.meta.dirname, 'mongo-java-server');

/** The command that starts the server over a file on a free port, or the reason why there is none. */
export type JavaServer =
  | { command: string; argsFor(file: string, isBrief?: boolean): string[] }
  | { missing: string };

export async function fetchMongoJavaServer(
  cacheDir: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<JavaServer> {
  const [name, pom] = ['mongo-java-server', join(FOLDER, 'pom.xml')];
  const onFetch = (folder: string) =>
    say(`MongoDB: fetching ${name} ${VERSION} through Maven (once, into ${folder}) …`);
  const jars = await fetchJars({ name, version: VERSION, pom, cacheDir, onFetch, signal });
  if ('missing' in jars) return jars;
  const launcher = { name: `${name}-launcher`, from: FOLDER, jars: jars.folder, cacheDir, signal };
  const classes = await compileJava(launcher);
  if ('missing' in classes) return classes;
  return {
    command: 'java',
    // One collector thread takes half the memory of the default and is no slower at this size. Each collection of new
    // objects stops all queries for 5 to 20 ms: three times a second under load, less often with 256 MB for them.
    // A thread of Netty's serves several connections, one command at a time, and a scan of 50,000 rows takes seconds.
    // The second compiler takes more processor time than its code saves within the minutes of a brief server.
    argsFor: (file, isBrief = false) => [
      ...(isBrief ? ['-XX:TieredStopAtLevel=1'] : []),
      ...['-XX:+UseSerialGC', '-Xmn256m', '-Dio.netty.eventLoopThreads=64'],
      ...[
        '-Dslf4j.internal.verbosity=ERROR',
        '-cp',
        [classes.folder, join(jars.folder, '*')].join(delimiter),
      ],
      ...['Launcher', file, '0'],
    ],
  };
}

/** The port that the launcher printed to its log; null until then. */
export function announcedPort(log: string): number | null {
  const match = /^listening on 127\.0\.0\.1:(\d+)$/m.exec(log);
  return match ? Number(match[1]) : null;
}
