// A thread that walks a log of its own whenever it is told to.
import { parentPort } from 'node:worker_threads';
import { hashWays } from './hash-ways.ts';
import { makeSampleLog } from './sample-log.ts';

const ENTRIES = 25_600;

const { ours } = hashWays(makeSampleLog(ENTRIES));
parentPort?.on('message', () => parentPort?.postMessage(ours().rootHex));
parentPort?.postMessage('ready');
