// A caller of one address at a steady rate, by autocannon: a process in a session of its own, so that Linux, which may
// share the cores out by session, takes nothing of the API's for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export type Load = Readonly<{ url: string; cookie: string; requests: number }>;

/** Over one connection: a caller who looks around, not one who loads. */
const PER_SECOND = 50;

const AUTOCANNON = fileURLToPath(import.meta.resolve('autocannon'));

type Result = Readonly<{ latency: { p99: number }; '2xx': number }>;

/** The 99th percentile of the answers' times, in whole milliseconds. Throws unless each request is answered by success. */
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
    // Its correction takes one request a millisecond for due, and counts a slow answer as often as it took milliseconds.
    '--ignoreCoordinatedOmission',
    // The login of a database that goes with the benchmark.
    ...['--headers', `cookie=${cookie}`, url],
  ];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`autocannon ended (${child.exitCode}): ${errors}`);
  const { latency, '2xx': answered } = JSON.parse(output) as Result;
  if (answered !== requests) throw new Error(`${answered} of ${requests} requests were answered by success`);
  return latency.p99;
}
