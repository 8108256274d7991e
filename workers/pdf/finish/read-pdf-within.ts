// Runs `readPdf` on a stranger's file: in a thread of its own, which a deadline ends.
import { Worker } from 'node:worker_threads';
import type { PdfReading } from './read-pdf.ts';

/** Reading an honest file takes well under a second per ten megabytes. */
export const READING_DEADLINE_MS = 60_000;

export async function readPdfWithin(
  bytes: Uint8Array,
  deadlineMs: number = READING_DEADLINE_MS,
): Promise<PdfReading> {
  const worker = new Worker(new URL('./read-pdf-thread.ts', import.meta.url), { workerData: bytes });
  const { promise, resolve } = Promise.withResolvers<PdfReading>();
  const timer = setTimeout(
    () => resolve({ ok: false, problem: `it could not be read within ${deadlineMs / 1000} seconds` }),
    deadlineMs,
  );
  worker.once('message', resolve);
  worker.once('error', () => resolve({ ok: false, problem: 'it is damaged' }));
  worker.once('exit', () => resolve({ ok: false, problem: 'it is damaged' }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
