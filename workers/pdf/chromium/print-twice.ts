// Prints a document, and once more on a fresh Chromium when the first print broke off: by a crash, a hang, or a machine
// that is too busy to answer.
import { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { BrokenPrints } from '../../../shared/metrics/broken-prints.ts';
import { printHtml } from './print-html.ts';
import type { WarmBrowser } from './warm-browser.ts';

export type Printed = Readonly<{
  printed: Uint8Array;
  /** Version of the Chromium that printed. */
  chromium: string;
}>;

export type Printer = Readonly<{
  /**
   * Rejects with the signal's reason once it aborts, with `unavailable` when no Chromium starts, and with
   * `report_generation_failed` when both prints broke off. `deadlineMs` is when the signal will abort, by the clock of
   * `performance.now()`.
   */
  print(html: string, signal: AbortSignal, deadlineMs?: number): Promise<Printed>;
  brokenPrints(): BrokenPrints;
}>;

/** The first print's share of the time to the deadline. The rest is for the second one. */
const FIRST_SHARE = 0.6;

export function createPrinter(warmBrowser: WarmBrowser, warn: (line: string) => void): Printer {
  let recovered = 0;
  let failed = 0;

  async function printAgain(html: string, signal: AbortSignal, first: unknown): Promise<Printed> {
    warn(`A print broke off (${reasonOf(first)}): it is tried once more, on a fresh Chromium.`);
    try {
      const printed = await printOnce(warmBrowser, html, signal);
      recovered += 1;
      return printed;
    } catch (cause) {
      signal.throwIfAborted();
      failed += 1;
      throw reportFailure(
        'renderer',
        'Chromium broke off while it printed, and again on a fresh one. Try again after Retry-After, or ask for format=json.',
        cause,
      );
    }
  }

  return {
    async print(html, signal, deadlineMs) {
      try {
        return await printOnce(warmBrowser, html, signal, deadlineMs);
      } catch (error) {
        signal.throwIfAborted();
        // No Chromium started: a second one would not start either.
        if (error instanceof AppError) throw error;
        return await printAgain(html, signal, error);
      }
    },
    brokenPrints: () => ({ recovered, failed }),
  };
}

/** A print that breaks off retires its browser whatever went wrong, so that the next print gets a fresh one. */
async function printOnce(
  warmBrowser: WarmBrowser,
  html: string,
  signal: AbortSignal,
  deadlineMs?: number,
): Promise<Printed> {
  const lease = await warmBrowser.lease();
  const limit = limitOf(signal, deadlineMs);
  try {
    const printed = await printHtml(lease.browser, html, { signal: limit.signal, onHang: lease.retire });
    return { printed, chromium: lease.version };
  } catch (error) {
    if (!signal.aborted) lease.retire();
    throw error;
  } finally {
    limit[Symbol.dispose]();
    lease.end();
  }
}

/** The signal, which also aborts when the first print has had its share of the time. */
function limitOf(signal: AbortSignal, deadlineMs: number | undefined): Disposable & { signal: AbortSignal } {
  if (deadlineMs === undefined) return { signal, [Symbol.dispose]: () => {} };
  const late = new AbortController();
  const shareMs = Math.max(0, (deadlineMs - performance.now()) * FIRST_SHARE);
  const timer = setTimeout(() => late.abort(new Error('it took too long')), shareMs);
  return {
    signal: AbortSignal.any([signal, late.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Puppeteer's words for what went wrong. They hold nothing of the document. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
