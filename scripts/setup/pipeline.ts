// Redis and the workers process, on which the background pipeline runs. The API can do without both for a while, so
// each is started again after it ends by itself: Redis on the same port.
import { join } from 'node:path';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { type ServicesPatch, updateServices } from '../../shared/process/services.ts';
import { startEntry } from './entry-process.ts';
import { type KeptPart, keepRunning, type Part } from './keep-running.ts';
import { provideRedis, type RedisPlace, type RunningRedis } from './redis.ts';
import { describeLog } from './service.ts';

/** The URL of a Redis, kept running until `resources` are released. Null if there is none; `say` got the reason. */
export async function keepRedis(place: RedisPlace, resources: ReleaseStack): Promise<string | null> {
  const { dataDir, say } = place;
  const first = await provideRedis(place);
  if (first === null) return null;
  const { url } = first.ready;
  const record = ({ pid, kind, exited, stop }: RunningRedis) =>
    recorded(dataDir, { redis: { url, pid, kind } }, { redis: null }, { exited, stop });
  const kept = keepRunning(record(first), {
    name: 'Redis',
    async start(signal) {
      const again = await provideRedis({ ...place, port: Number(new URL(url).port), signal });
      return again && record(again);
    },
    describeEnd: () => describeLog(first.logFile),
    say,
    signal: place.signal,
  });
  resources.defer((force) => kept.stop(force));
  return url;
}

export type WorkersSetup = Readonly<{
  env: NodeJS.ProcessEnv;
  dataDir: string;
  say(line: string): void;
  /** As in `KeptSpec`. */
  signal?: AbortSignal;
  /** The entry file; the service's own by default. */
  main?: string;
}>;

const MAIN = join(import.meta.dirname, '../../workers/main.ts');

/** Starts the workers process and keeps it running. Says when it is ready: once its services answer. */
export function keepWorkers({ env, dataDir, say, signal, main = MAIN }: WorkersSetup): KeptPart {
  const start = () => {
    const { pid, exited, message, stop } = startEntry(main, env);
    void message.then(() => say('Workers: ready'));
    const named = exited.then((how) => `The workers ended (${how})`);
    return recorded(dataDir, { workers: { pid } }, { workers: null }, { exited: named, stop });
  };
  const describeEnd = () => 'Their output above says why.';
  return keepRunning(start(), {
    name: 'Workers',
    start: async () => start(),
    describeEnd,
    say,
    ...(signal && { signal }),
  });
}

/** Lists a part in services.json for as long as it runs. */
function recorded(dataDir: string, here: ServicesPatch, gone: ServicesPatch, { exited, stop }: Part): Part {
  updateServices(dataDir, here);
  const unrecorded = exited.then((how) => {
    updateServices(dataDir, gone);
    return how;
  });
  return { exited: unrecorded, stop };
}
