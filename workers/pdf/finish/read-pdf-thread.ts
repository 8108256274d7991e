// The entry of the thread that `readPdfWithin` starts.
import { parentPort, workerData } from 'node:worker_threads';
import { readPdf } from './read-pdf.ts';

const reading = await readPdf(workerData as Uint8Array);
const files = reading.ok ? [reading.json, ...reading.attachments.map(({ bytes }) => bytes)] : [];
// Hands files over, since copies would take their memory once more. A small one may be in a pool, which stays here.
const owned = files.filter(({ length }) => length > Buffer.poolSize);
parentPort?.postMessage(
  reading,
  owned.map(({ buffer }) => buffer as ArrayBuffer),
);
