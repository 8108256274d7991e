// The Chromium that `npm test` found or installed, and the processes that it runs.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { WarmBrowser, type WarmBrowserOptions } from '../../workers/pdf/chromium/warm-browser.ts';

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

/** Processes of a group that have not ended, and their command lines. Reads none of `others`. */
export function listGroup(leader: number, others?: ReadonlySet<string>): RunningProcess[] {
  return listProcesses(others).filter(({ group }) => group === leader);
}

/** The Chromiums that this process has started and that have not ended, by the process that leads each. Reads none of `others`. */
export function listChromiums(others?: ReadonlySet<string>): number[] {
  return listProcesses(others)
    .filter(({ parent, command }) => parent === process.pid && command.includes('--headless'))
    .map(({ pid }) => pid);
}

/** For so long pages are asked for: on a busy machine many are printed before their process is seen. */
const ASKED_MS = 60_000;

/**
 * Asks for pages and resolves while the one Chromium, which `leader` leads, prints them: a page gets a process of its
 * own. Asks again where a page was printed before its process was seen, or took one that Chromium held ready.
 */
export async function printingBegins<Answer>(
  ask: () => Promise<Answer>,
): Promise<{ leader: number; answer: Promise<Answer> }> {
  for (const endMs = performance.now() + ASKED_MS; performance.now() < endMs; ) {
    const [leader] = listChromiums();
    assert.ok(leader);
    const before = new Set(listPids());
    let answered = false;
    const answer = ask().finally(() => {
      answered = true;
    });
    // The caller awaits the answer that it is given, and no other.
    answer.catch(() => {});
    while (!answered) {
      if (listGroup(leader, before).length > 0) return { leader, answer };
      await sleep(2);
    }
  }
  throw new Error('No page was seen while it was printed');
}

/**
 * Asks for a page, and kills the Chromium that prints it, and the fresh one that prints it again. Asks again where a page
 * was printed before its process was seen. Resolves to the answer of who was given none.
 */
export async function killBothPrints(ask: () => Promise<Response>): Promise<Response> {
  for (const endMs = performance.now() + ASKED_MS; performance.now() < endMs; ) {
    const { leader, answer } = await printingBegins(ask);
    let isAnswered = false;
    void answer.finally(() => {
      isAnswered = true;
    });
    const before = new Set(listPids());
    process.kill(leader, 'SIGKILL');
    while (!isAnswered) {
      const [fresh] = listChromiums(before);
      // It has one when it starts, for an empty page.
      const pages = fresh === undefined ? [] : listGroup(fresh, before).filter(isOfPage);
      if (fresh !== undefined && pages.length > 1) {
        process.kill(fresh, 'SIGKILL');
        break;
      }
      await sleep(2);
    }
    const response = await answer;
    if (response.status !== 200) return response;
    await response.body?.cancel();
  }
  throw new Error('No page was seen while it was printed again');
}

const isOfPage = ({ command }: RunningProcess) => command.includes('--type=renderer');

/** Stops the Chromiums of this process, and each that it starts before the test ends. */
export function stopChromiums(t: TestContext): void {
  const stopAll = (others?: ReadonlySet<string>) => {
    for (const { pid } of listChromiums(others).flatMap((leader) => listGroup(leader, others))) {
      try {
        process.kill(pid, 'SIGSTOP');
      } catch {
        // It ended meanwhile.
      }
    }
  };
  stopAll();
  // To read every process of the machine again and again takes a core.
  const others = new Set(listPids());
  const timer = setInterval(() => stopAll(others), 20);
  t.after(() => clearInterval(timer));
}

/** Kills each Chromium of this process as soon as it prints, `times` times. */
export function killPrinting(times: number): { stop(): void; killed(): number } {
  const killed = new Set<number>();
  // All that run now, but for Chromiums: to read every process of the machine again and again takes a core.
  const others = new Set(listPids());
  for (const { pid } of listChromiums().flatMap((leader) => listGroup(leader))) others.delete(String(pid));
  const timer = setInterval(() => {
    for (const pid of listChromiums(others)) {
      const isPrinting = listGroup(pid, others).some(isOfPage);
      if (!isPrinting || killed.has(pid) || killed.size >= times) continue;
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    }
  }, 2);
  return { stop: () => clearInterval(timer), killed: () => killed.size };
}

type RunningProcess = Readonly<{ pid: number; parent: number; group: number; command: string }>;

function listPids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** Without those in `others`. */
function listProcesses(others: ReadonlySet<string> = new Set()): RunningProcess[] {
  return listPids().flatMap((pid) => {
    if (others.has(pid)) return [];
    try {
      // After the name, which may hold anything.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const [state, parent, group] = fields;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      // A process that exits gives up its memory first, and its command with it.
      return state === 'Z' || command === ''
        ? []
        : [{ pid: Number(pid), parent: Number(parent), group: Number(group), command }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}
