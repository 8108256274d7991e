// A thread that checks and hashes a log in one of the ways, at each message.
import { parentPort, workerData } from 'node:worker_threads';
import { hashWays, type WayName } from './hash-ways.ts';
import type { SampleLog } from './sample-log.ts';

export type WayWork = Readonly<{ sample: SampleLog; name: WayName }>;

const { sample, name } = workerData as WayWork;

const run = hashWays(sample)[name];
parentPort?.on('message', () => parentPort?.postMessage(run()));
