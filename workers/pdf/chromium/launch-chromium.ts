// Starts a Chromium that prints and does nothing else: it can reach no address, and gets nothing of our environment.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, TimeoutError } from 'puppeteer-core';
import { killGroup } from '../../../shared/process/kill-group.ts';
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import { giveWay } from './give-way.ts';

export type LaunchedChromium = Readonly<{ browser: Browser; isSandboxed: boolean }>;

/** The deadline of each command to Chromium. */
export const COMMAND_TIMEOUT_MS = 20_000;
/** Of the whole start, and of puppeteer's own waits in it, which end before. */
const START_TIMEOUT_MS = 17_000;
const LAUNCH_TIMEOUT_MS = 15_000;

/** Starts a Chromium, in its sandbox where that is possible. Rejects when it does not start. An abort ends it. */
export async function launchChromium(path: string, signal: AbortSignal): Promise<LaunchedChromium> {
  // Chromium refuses a sandbox to root.
  if (process.geteuid?.() === 0)
    return { browser: await launch(path, NO_SANDBOX, signal), isSandboxed: false };
  try {
    return { browser: await launch(path, [], signal), isSandboxed: true };
  } catch (error) {
    if (signal.aborted || error instanceof TimeoutError) throw error;
    // Tries without a sandbox: some containers allow none. Any other fault will show again in this attempt.
    return { browser: await launch(path, NO_SANDBOX, signal), isSandboxed: false };
  }
}

const NO_SANDBOX = ['--no-sandbox'];

const ARGS = [
  // Request interception alone lets prefetches out; without names and addresses nothing gets anywhere.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--disable-gpu',
  '--font-render-hinting=none',
];

/** Hides the fonts of the machine: a page that used one would be another page on the next machine. */
const FONTS = join(import.meta.dirname, 'fonts.conf');

async function launch(path: string, extra: readonly string[], signal: AbortSignal): Promise<Browser> {
  // Puppeteer waits without end for the pages of a Chromium that died while it started.
  const late = new AbortController();
  const giveUp = () => late.abort(new TimeoutError(`Chromium did not start in ${START_TIMEOUT_MS} ms`));
  const timer = setTimeout(giveUp, START_TIMEOUT_MS);
  const limit = AbortSignal.any([signal, late.signal]);
  try {
    return await unlessAborted(limit, start(path, extra, limit));
  } finally {
    clearTimeout(timer);
  }
}

/** An abort ends Chromium, also after it has started. */
async function start(path: string, extra: readonly string[], signal: AbortSignal): Promise<Browser> {
  const browser = await puppeteer.launch({
    executablePath: path,
    headless: 'shell',
    // Chromium ends with its pipe, so it never outlives this process.
    pipe: true,
    args: [...ARGS, ...extra],
    // The keys in our environment are not Chromium's.
    env: {
      HOME: tmpdir(),
      TMPDIR: tmpdir(),
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      FONTCONFIG_FILE: FONTS,
    },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    timeout: LAUNCH_TIMEOUT_MS,
    protocolTimeout: COMMAND_TIMEOUT_MS,
    signal,
  });
  const chromium = browser.process();
  // A killed Chromium may reset its pipes, and an error that nobody handles would end this process. Puppeteer reads the
  // output through readline, which throws such an error on. It stops listening to the other pipes when the first closes.
  for (const output of [chromium?.stdout, chromium?.stderr]) output?.removeAllListeners('error');
  for (const pipe of chromium?.stdio ?? []) pipe?.on('error', () => {});
  if (chromium?.pid !== undefined) await giveWay(chromium.pid);
  return browser;
}

/** Whether a Chromium's own process is gone. */
export function hasEnded(chromium: ReturnType<Browser['process']>): boolean {
  return chromium !== null && (chromium.exitCode !== null || chromium.signalCode !== null);
}

/** Ends Chromium and all its processes, stopped ones too, and removes its profile. */
export async function endChromium(browser: Browser): Promise<void> {
  const pid = browser.process()?.pid;
  // Kills at once: Chromium keeps nothing that it would have to write first. Its process leads the group.
  if (pid !== undefined) killGroup(pid, 'SIGKILL');
  await browser.close();
}
