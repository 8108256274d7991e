// Prints one document in a browser context of its own, in which nothing runs and nothing is fetched.
import type { Browser, BrowserContext, HTTPRequest, Page } from 'puppeteer-core';
import { COMMAND_TIMEOUT_MS, hasEnded } from './launch-chromium.ts';

/** A print that an abort has not ended after this time counts as hung. */
const ABORT_TIMEOUT_MS = 2_000;

/**
 * The document as a tagged PDF with an outline. Rejects with the signal's reason once it aborts, and with puppeteer's
 * error when Chromium crashes, hangs, or loads another page. Calls `onHang` when an abort could not end the print.
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
  // Puppeteer learns of the end by the pipe, which a process that Chromium has just forked may hold open.
  const chromium = browser.process();
  const onEnd = () => reject(new Error('Chromium ended while it printed'));
  signal.addEventListener('abort', onAbort, { once: true });
  chromium?.once('exit', onEnd);
  if (hasEnded(chromium)) onEnd();
  try {
    return await Promise.race([printInContext(browser, html, signal), hung]);
  } finally {
    chromium?.off('exit', onEnd);
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    // An abort makes the print fail in one of several ways. The caller gets the abort's reason.
    signal.throwIfAborted();
  }
}

async function printInContext(browser: Browser, html: string, signal: AbortSignal): Promise<Uint8Array> {
  // Opens a new page: one that was used before would number its tags differently.
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
  // Rejects when the page crashes: puppeteer's own calls would wait for their timeout.
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
  assertText(pdf);
  return pdf;
}

/** Refuses pages without a font: a Chromium that finds no font at all draws no text, and says nothing of it. */
function assertText(pdf: Uint8Array): void {
  if (!Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).includes('/BaseFont')) {
    throw new Error('Chromium printed pages without text: it found no font');
  }
}

/** Refuses a page that went elsewhere: a refresh to a blocked address would print as an empty page. */
function assertUnmoved(page: Page): void {
  if (page.url() !== 'about:blank') throw new Error('The document led Chromium to another page');
}
