// Runs `readPdf` on a stranger's file: in a thread of its own, which a deadline ends.
import { Worker } from 'node:worker_threads';
import { findSizeProblem } from './form-problem.ts';
import type { PdfReading } from './read-pdf.ts';

/** Reading an honest file takes well under a second per ten megabytes. */
export const READING_DEADLINE_MS = 60_000;

/** Megabytes. The longest honest file takes half of it. */
const HEAP_LIMIT_MB = 192;

const COSTLY = { ok: false, costsTooMuch: true } as const;
const DAMAGED = { ok: false, problem: 'it is damaged', costsTooMuch: false } as const;

export async function readPdfWithin(
  bytes: Uint8Array,
  deadlineMs: number = READING_DEADLINE_MS,
): Promise<PdfReading> {
  const size = findSizeProblem(bytes);
  // A thread takes a copy of the file.
  if (size !== null) return { ok: false, problem: size, costsTooMuch: true };
  const worker = new Worker(new URL('./read-pdf-thread.ts', import.meta.url), {
    workerData: bytes,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
  });
  const { promise, resolve } = Promise.withResolvers<PdfReading>();
  const timer = setTimeout(
    () => resolve({ ...COSTLY, problem: `it could not be read within ${deadlineMs / 1000} seconds` }),
    deadlineMs,
  );
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) => {
    const isOut = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    resolve(isOut ? { ...COSTLY, problem: 'reading it would take more memory than a report does' } : DAMAGED);
  });
  worker.once('exit', () => resolve(DAMAGED));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
