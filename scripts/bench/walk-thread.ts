// A thread that walks logs of its own whenever it is told to, or makes their hash calls alone.
import { parentPort, workerData } from 'node:worker_threads';
import { hashWays } from './hash-ways.ts';
import { makeSampleLog } from './sample-log.ts';

const { entries, logs } = workerData as { entries: number; logs: number };

/** What a thread can be told to do. */
export type ThreadWay = 'ours' | 'limit';

const ways = Array.from({ length: logs }, () => hashWays(makeSampleLog(entries)));
parentPort?.on('message', (name: ThreadWay) =>
  parentPort?.postMessage(ways.map((way) => way[name]().rootHex)),
);
parentPort?.postMessage('ready');
