// One Chromium, kept warm. It is replaced after many renders, after a crash and after a hang. A replaced one ends with
// its last render.
import type { Browser } from 'puppeteer-core';
import { AppError } from '../../../shared/errors/app-error.ts';
import { endChromium, hasEnded, type LaunchedChromium, launchChromium } from './launch-chromium.ts';

export type BrowserLease = Readonly<{
  browser: Browser;
  /** Version of the Chromium that runs: after an upgrade, another one than was found at the start. */
  version: string;
  /** The next lease gets another browser; this one ends when its last lease does. */
  retire(): void;
  /** Gives the lease back. */
  end(): void;
}>;

export type WarmBrowserOptions = Readonly<{
  /** The program. */
  path: string;
  /** Renders that a browser serves before it is replaced. */
  rendersPerBrowser: number;
  /** Takes what an operator should know, once each. */
  warn(line: string): void;
}>;

type Running = { browser: Browser; version: string; leases: number; served: number; retired: boolean };

export class WarmBrowser {
  readonly #options: WarmBrowserOptions;
  readonly #closing = new AbortController();
  /** The browser of the next lease, running or being launched. */
  #current: Promise<Running> | null = null;
  readonly #running = new Set<Running>();
  readonly #ending = new Set<Promise<void>>();
  #hasFailed = false;
  #hasWarned = false;

  constructor(options: WarmBrowserOptions) {
    this.#options = options;
  }

  /** Whether the last launch failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** A lease of the warm browser, launched if there is none. Throws `unavailable` when it does not start. */
  async lease(): Promise<BrowserLease> {
    let running: Running;
    // A browser may be retired while its launch is awaited.
    do running = await this.#provide();
    while (running.retired);
    running.leases += 1;
    running.served += 1;
    if (running.served >= this.#options.rendersPerBrowser) this.#retire(running);
    return {
      browser: running.browser,
      version: running.version,
      retire: () => this.#retire(running),
      end: () => {
        running.leases -= 1;
        this.#endIfDone(running);
      },
    };
  }

  /** Ends every browser; renders on them fail. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#current?.catch(() => {});
    for (const running of this.#running) {
      running.leases = 0;
      this.#retire(running);
    }
    await Promise.all(this.#ending);
  }

  async #provide(): Promise<Running> {
    if (this.#closing.signal.aborted) throw new AppError('unavailable', 'The PDF renderer is closed');
    this.#current ??= this.#launch();
    return this.#current;
  }

  async #launch(): Promise<Running> {
    try {
      const launched = await launchChromium(this.#options.path, this.#closing.signal);
      this.#warnOfSandbox(launched);
      const running = await this.#watch(launched.browser).catch(async (error: unknown) => {
        await endChromium(launched.browser).catch(() => {});
        throw error;
      });
      this.#running.add(running);
      this.#hasFailed = false;
      return running;
    } catch (cause) {
      this.#current = null;
      this.#hasFailed = true;
      throw new AppError('unavailable', 'Chromium does not start: ask for format=json.', { cause });
    }
  }

  /** Has the browser retired when it ends. Rejects when it has ended already, or does not answer. */
  async #watch(browser: Browser): Promise<Running> {
    const version = (await browser.version()).replace(/^[^/]*\//, '');
    const running = { browser, version, leases: 0, served: 0, retired: false };
    browser.once('disconnected', () => this.#retire(running));
    // A process that it has just forked may hold the pipe open, by which puppeteer learns of the end.
    const chromium = browser.process();
    chromium?.once('exit', () => this.#retire(running));
    if (hasEnded(chromium)) throw new Error('Chromium ended as soon as it had started');
    return running;
  }

  #warnOfSandbox({ isSandboxed }: LaunchedChromium): void {
    if (isSandboxed || this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.warn(
      'Chromium runs without its sandbox, which it cannot have as this user or in this container',
    );
  }

  #retire(running: Running): void {
    if (!running.retired) {
      running.retired = true;
      this.#current = null;
    }
    this.#endIfDone(running);
  }

  #endIfDone(running: Running): void {
    if (!running.retired || running.leases > 0 || !this.#running.delete(running)) return;
    const ending = endChromium(running.browser).catch(() => {});
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }
}
