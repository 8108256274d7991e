// A real Chromium for tests of pages: what the page did wrong is collected, and axe looks for what readers cannot use.
import assert from 'node:assert/strict';
import axe from 'axe-core';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { Cleaned } from './in-reverse.ts';

/** Widths of a phone, a tablet and a screen. */
const WIDTHS = [375, 768, 1440] as const;
const SCHEMES = ['light', 'dark'] as const;

/** Bounds a hang and proves nothing: no machine that works is this slow. */
const DEADLINE_MS = 90_000;

export type Tab = Readonly<{
  page: Page;
  /** Violations of the policy, failed loads, errors of scripts; emptied when read. */
  takeFaults(): string[];
}>;

/** Starts Chromium, which reaches this machine only. */
export async function startBrowser(t: Cleaned): Promise<Browser> {
  const browser = await puppeteer.launch({
    executablePath: process.env.TEST_CHROME_PATH!,
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  t.after(() => browser.close());
  return browser;
}

/** A tab with cookies of its own, signed in where a cookie is given. */
export async function openTab(browser: Browser, url: string, cookie?: string): Promise<Tab> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`script: ${String(error)}`));
  page.on('requestfailed', (request) => {
    // A download ends the navigation that asked for it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`load: ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  if (cookie) {
    const [name = '', value = ''] = cookie.split('=');
    await context.setCookie({ name, value, domain: new URL(url).hostname, httpOnly: true, path: '/' });
  }
  return { page, takeFaults: () => faults.splice(0) };
}

/** Fails where the page that is shown is not for every reader: of every width and scheme, by axe, without any fault. */
export async function assertClean({ page, takeFaults }: Tab, where: string): Promise<void> {
  for (const scheme of SCHEMES) {
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      // Colours change at once.
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
    for (const width of WIDTHS) {
      await page.setViewport({ width, height: 900 });
      await assertFits(page, `${where}, ${width} px, ${scheme}`);
    }
    // The search takes longest. Each scheme and each end of the widths is searched once: colours do not depend on the
    // width, and what is shown does not depend on the colours.
    if (scheme === 'dark') await page.setViewport({ width: WIDTHS[0], height: 900 });
    await assertAccessible(page, `${where}, ${scheme}`);
  }
  assert.deepEqual(takeFaults(), [], where);
}

/** Fails with what axe finds on the page as it is shown now. */
async function assertAccessible(page: Page, where: string): Promise<void> {
  // Once a page: reading half a megabyte takes as long as the search.
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    `axe.run(document, { preload: false, resultTypes: ['violations'] })`,
  )) as axe.AxeResults;
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  assert.deepEqual(found, [], where);
}

/** Fails where the page is wider than its window: parts that are wider have to scroll by themselves. */
async function assertFits(page: Page, where: string): Promise<void> {
  const [width, shown] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number];
  assert.ok(width <= shown, `${where}: ${width} px wide in ${shown} px`);
}
