// A thread that walks logs of its own whenever it is told to.
import { parentPort, workerData } from 'node:worker_threads';
import { hashWays } from './hash-ways.ts';
import { makeSampleLog } from './sample-log.ts';

const { entries, logs } = workerData as { entries: number; logs: number };

const walks = Array.from({ length: logs }, () => hashWays(makeSampleLog(entries)).ours);
parentPort?.on('message', () => parentPort?.postMessage(walks.map((walk) => walk().rootHex)));
parentPort?.postMessage('ready');
