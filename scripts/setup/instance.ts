// Checks, before anything is started, that nothing else uses the port or the data folder of this `npm start`.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readServices } from '../../shared/process/services.ts';

type Place = { dataDir: string; host: string; port: number };

const STOPPING_MS = 30_000;
const POLL_MS = 250;

/**
 * Throws if an instance serves this data folder, or if the port cannot be used. Waits for processes of an earlier
 * `npm start` that was killed: they stop by themselves.
 */
export async function assertAlone(
  place: Place,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + STOPPING_MS;
  let announced = false;
  for (let running = readServices(place.dataDir); Object.keys(running).length > 0; ) {
    if (running.api && (await answers(running.api.url))) {
      throw new Error(
        `It already runs for the data in ${place.dataDir}, at ${running.api.url} (process ${running.api.pid}): ` +
          'use that, stop it, or set DATA_DIR to another folder.',
      );
    }
    const pids = Object.values(running)
      .map((entry) => entry?.pid)
      .join(', ');
    if (Date.now() > deadline) {
      throw new Error(
        `Processes of an earlier run still use ${place.dataDir} (${pids}): end them, or set DATA_DIR to another folder.`,
      );
    }
    if (!announced) say(`Waiting for processes of an earlier run to end (${pids}) …`);
    announced = true;
    await sleep(POLL_MS, undefined, { signal });
    running = readServices(place.dataDir);
  }
  await assertPortFree(place);
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function assertPortFree({ host, port }: Place): Promise<void> {
  const problem = await tryToListen(host, port);
  if (problem === null) return;
  if (problem === 'EADDRINUSE') {
    throw new Error(
      `Port ${port} of ${host} is taken by another program: stop it, or choose another with PORT.`,
    );
  }
  if (problem === 'EACCES') {
    throw new Error(`Port ${port} may not be used by this user: choose one above 1023 with PORT.`);
  }
  throw new Error(`The API cannot listen at ${host} (${problem}): set HOST to an address of this machine.`);
}

/** The system's error code, or null where the API can listen. */
async function tryToListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    server.close();
  }
}
