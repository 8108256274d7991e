// Prints one document in a browser context of its own, in which nothing runs and nothing is fetched.
import type { Browser, BrowserContext, HTTPRequest, Page } from 'puppeteer-core';
import { COMMAND_TIMEOUT_MS } from './launch-chromium.ts';

/** What an abort has not ended by then hangs. */
const ABORT_TIMEOUT_MS = 2_000;

/**
 * The document as a tagged PDF with an outline. Rejects with the signal's reason once it aborts, and with the driver's
 * error when Chromium crashes, hangs or was led elsewhere. `onHang` is called when an abort could not end the print.
 */
export async function printHtml(
  browser: Browser,
  html: string,
  { signal, onHang }: { signal: AbortSignal; onHang: () => void },
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const { promise: hung, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const giveUp = () => {
    onHang();
    reject(signal.reason);
  };
  const onAbort = () => {
    timer = setTimeout(giveUp, ABORT_TIMEOUT_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([printInContext(browser, html, signal), hung]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    // An abort fails the print in one way or another; its reason is the answer.
    signal.throwIfAborted();
  }
}

async function printInContext(browser: Browser, html: string, signal: AbortSignal): Promise<Uint8Array> {
  // A page that was used before would number its tags differently.
  const context = await browser.createBrowserContext();
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= context.close().catch(() => {});
    return closing;
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    return await print(context, html, close);
  } finally {
    signal.removeEventListener('abort', close);
    await close();
  }
}

async function print(context: BrowserContext, html: string, onCrash: () => void): Promise<Uint8Array> {
  const page = await context.newPage();
  // What waits for a page that crashed would wait for its timeout.
  page.once('error', onCrash);
  await page.setJavaScriptEnabled(false);
  await page.setRequestInterception(true);
  page.on('request', (request: HTTPRequest) => void request.abort().catch(() => {}));
  await page.setContent(html, { waitUntil: 'load', timeout: COMMAND_TIMEOUT_MS });
  assertUnmoved(page);
  const pdf = await page.pdf({
    preferCSSPageSize: true,
    printBackground: true,
    tagged: true,
    outline: true,
    timeout: COMMAND_TIMEOUT_MS,
  });
  assertUnmoved(page);
  return pdf;
}

/** A refresh to a blocked address would print as a page of nothing. */
function assertUnmoved(page: Page): void {
  if (page.url() !== 'about:blank') throw new Error('The document led Chromium to another page');
}
