// Calls one address at a steady rate, by autocannon. It is a process in a session of its own: Linux may share the cores
// by session, and the API then keeps its share.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export type Load = Readonly<{ url: string; cookie: string; requests: number }>;

/** Over one connection: a user who looks around, not a load test. */
const PER_SECOND = 50;

const AUTOCANNON = fileURLToPath(import.meta.resolve('autocannon'));

type Result = Readonly<{ latency: { p99: number }; '2xx': number }>;

/** The 99th percentile of the answers' times, in whole milliseconds. Throws unless each answer is a success. */
export async function timeLoad({ url, cookie, requests }: Load, signal: AbortSignal): Promise<number> {
  const args = [
    ...[
      AUTOCANNON,
      '--json',
      '--connections',
      '1',
      '--amount',
      `${requests}`,
      '--overallRate',
      `${PER_SECOND}`,
    ],
    // autocannon's correction takes a request as due each millisecond, and counts a slow answer once per millisecond.
    '--ignoreCoordinatedOmission',
    // The command line shows the login. Its database is dropped at the end.
    ...['--headers', `cookie=${cookie}`, url],
  ];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`autocannon ended (${child.exitCode}): ${errors}`);
  const { latency, '2xx': answered } = JSON.parse(output) as Result;
  if (answered !== requests)
    throw new Error(`${answered} of ${requests} requests were answered with success`);
  return latency.p99;
}
