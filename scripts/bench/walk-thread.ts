// A thread that walks logs of its own at each message, or makes their hash calls alone.
import { parentPort, workerData } from 'node:worker_threads';
import { hashWays } from './hash-ways.ts';
import { makeSampleLog } from './sample-log.ts';

const { entries, logs } = workerData as { entries: number; logs: number };

/** The message: walk the logs, or make their hash calls alone. */
export type ThreadWay = 'ours' | 'limit';

const ways = Array.from({ length: logs }, () => hashWays(makeSampleLog(entries)));
parentPort?.on('message', (name: ThreadWay) =>
  parentPort?.postMessage(ways.map((way) => way[name]().rootHex)),
);
parentPort?.postMessage('ready');
