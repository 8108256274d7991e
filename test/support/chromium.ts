// The Chromium that `npm test` found or installed, and the processes that it runs.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { WarmBrowser, type WarmBrowserOptions } from '../../workers/pdf/chromium/warm-browser.ts';
import { eventually } from './eventually.ts';

const PATH = process.env.TEST_CHROME_PATH;

/** For tests that print: skipped where there is no Chromium. */
export const WITH_CHROMIUM = { skip: PATH === undefined && 'there is no Chromium' };

/** A warm browser that is closed with the test. */
export function createWarmBrowser(t: TestContext, options: Partial<WarmBrowserOptions> = {}): WarmBrowser {
  assert.ok(PATH);
  const warm = new WarmBrowser({ path: PATH, rendersPerBrowser: 200, warn: () => {}, ...options });
  t.after(() => warm.close());
  return warm;
}

export function pidOf(browser: Browser): number {
  const pid = browser.process()?.pid;
  assert.ok(pid);
  return pid;
}

/** Processes of a group that have not ended, and their command lines. */
export function listGroup(leader: number): RunningProcess[] {
  return listProcesses().filter(({ group }) => group === leader);
}

/** The Chromiums that this process has started and that have not ended, by the process that leads each. */
export function listChromiums(): number[] {
  return listProcesses()
    .filter(({ parent, command }) => parent === process.pid && command.includes('--headless'))
    .map(({ pid }) => pid);
}

/** Waits until the one Chromium has begun another page, which gets a process of its own. */
export async function printingBegins(): Promise<number> {
  const [leader] = listChromiums();
  assert.ok(leader);
  const before = new Set(listGroup(leader).map(({ pid }) => pid));
  const hasBegun = () => listGroup(leader).some(({ pid }) => !before.has(pid));
  await eventually('Chromium has begun a page', hasBegun, { everyMs: 5 });
  return leader;
}

type RunningProcess = Readonly<{ pid: number; parent: number; group: number; command: string }>;

function listProcesses(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // After the name, which may hold anything.
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        const [state, parent, group] = fields;
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return state === 'Z'
          ? []
          : [{ pid: Number(pid), parent: Number(parent), group: Number(group), command }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}
