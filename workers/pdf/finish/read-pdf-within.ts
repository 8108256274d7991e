// Runs `readPdf` on a stranger's file: in a thread of its own, which a deadline ends.
import { Worker } from 'node:worker_threads';
import type { PdfReading } from './read-pdf.ts';

/** Reading an honest file takes well under a second per ten megabytes. */
export const READING_DEADLINE_MS = 60_000;

/** Megabytes. The longest honest file takes half of it. */
const HEAP_LIMIT_MB = 192;

export async function readPdfWithin(
  bytes: Uint8Array,
  deadlineMs: number = READING_DEADLINE_MS,
): Promise<PdfReading> {
  const worker = new Worker(new URL('./read-pdf-thread.ts', import.meta.url), {
    workerData: bytes,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
  });
  const { promise, resolve } = Promise.withResolvers<PdfReading>();
  const timer = setTimeout(
    () => resolve({ ok: false, problem: `it could not be read within ${deadlineMs / 1000} seconds` }),
    deadlineMs,
  );
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) => {
    const isOut = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    resolve({
      ok: false,
      problem: isOut ? 'reading it would take more memory than a report does' : 'it is damaged',
    });
  });
  worker.once('exit', () => resolve({ ok: false, problem: 'it is damaged' }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
