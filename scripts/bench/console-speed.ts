// Measures pages of the console against the answers of the API that they show, in the same rounds; how soon a long
// session's page can be used in a browser; and how much a first page loads.
import puppeteer, { type Browser } from 'puppeteer-core';
import { findChromium } from '../../workers/pdf/chromium/find-chromium.ts';
import { runInLanes } from '../batch/run-in-lanes.ts';
import { createBenchAccount } from './bench-account.ts';
import { type BenchApi, startBenchApi } from './bench-api.ts';
import { openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, ratiosOf, spreadOf } from './measurement.ts';
import { storeLog } from './stored-log.ts';

export type ConsoleRounds = Readonly<{
  warmUps: number;
  rounds: number;
  sessions: number;
  /** Entries of the long session. */
  long: number;
  browserRounds: number;
}>;

const RATIO_TARGET = 1.3;
const INTERACTIVE_TARGET_MS = 1_000;
const FIRST_PAGE_TARGET_BYTES = 100_000;
const ENTRIES = 40;
/** Reports in the ledger: a page of it. */
const REPORTS = 25;
const WRITERS = 8;

/** A page, and the answers that it shows. */
type Shown = Readonly<{ id: string; label: string; page: string; answers: readonly string[] }>;

export async function measureConsole(
  { warmUps, rounds, sessions, long, browserRounds }: ConsoleRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  say(`Console: writing ${sessions} logs of ${ENTRIES} entries, and one of ${long} …`);
  const ids: string[] = [];
  await runInLanes(Array.from({ length: sessions }), { lanes: WRITERS, signal }, async () => {
    ids.push((await storeLog(database.db, ENTRIES, signal, account)).sessionId);
  });
  const { sessionId } = await storeLog(database.db, long, signal, account);
  const api = await startBenchApi({ database, cookie: account.cookie, resources, signal });
  for (const id of ids.slice(0, REPORTS)) await api.time(`/api/v1/sessions/${id}/report`);
  const shown = shownBy(sessionId, long);

  say(`Console: ${rounds} rounds …`);
  const measured: Measurement[] = [];
  for (const each of shown) {
    const { pages, answers } = await timePage(api, each, { warmUps, rounds });
    signal.throwIfAborted();
    measured.push({
      id: `console.${each.id}`,
      label: `${each.label} (${spreadOf(pages).median.toFixed(1)} ms), to the API's answer that it shows`,
      unit: 'times',
      result: ratiosOf(pages, answers),
      target: { atMost: RATIO_TARGET },
    });
  }
  const browsed = await measureInBrowser(
    api,
    { path: `/sessions/${sessionId}`, browserRounds },
    context,
    account.token,
  );
  return [...measured, ...browsed];
}

function shownBy(sessionId: string, long: number): readonly Shown[] {
  const stats = '/api/v1/stats/redactions?since=7d&bucket=day';
  const list = '/api/v1/sessions?since=30d&limit=25';
  return [
    { id: 'sessions', label: 'The list of sessions', page: '/sessions?since=30d', answers: [list] },
    { id: 'agents', label: 'The list of agents', page: '/agents', answers: ['/api/v1/agents'] },
    {
      id: 'overview',
      label: 'The overview',
      page: '/',
      answers: [stats, '/api/v1/sessions?since=7d&limit=10'],
    },
    {
      id: 'reports',
      label: 'Reports',
      page: '/reports',
      answers: ['/api/v1/reports/ledger'],
    },
    {
      id: 'session',
      label: `A session of ${long.toLocaleString('en-US')} entries`,
      page: `/sessions/${sessionId}`,
      answers: [`/api/v1/sessions/${sessionId}`],
    },
  ];
}

async function timePage(
  api: BenchApi,
  { page, answers }: Shown,
  { warmUps, rounds }: Pick<ConsoleRounds, 'warmUps' | 'rounds'>,
): Promise<{ pages: number[]; answers: number[] }> {
  const times = { pages: [] as number[], answers: [] as number[] };
  for (let round = -warmUps; round < rounds; round += 1) {
    const pageMs = await api.time(page);
    let answersMs = 0;
    for (const answer of answers) answersMs += await api.time(answer);
    if (round < 0) continue;
    times.pages.push(pageMs);
    times.answers.push(answersMs);
  }
  return times;
}

async function measureInBrowser(
  { url }: BenchApi,
  { path, browserRounds }: Readonly<{ path: string; browserRounds: number }>,
  { say, resources }: BenchContext,
  token: string,
): Promise<Measurement[]> {
  const found = await findChromium({ chromePath: process.env.CHROME_PATH, path: process.env.PATH ?? '' });
  if ('missing' in found) {
    say(`Console: not measured in a browser, ${found.missing}`);
    return [];
  }
  const browser = await puppeteer.launch({ executablePath: found.path, args: ['--no-sandbox'] });
  resources.defer(() => browser.close());
  const visit = (at: string) => visitPage(browser, `${url}${at}`, token);
  const interactive: number[] = [];
  for (let round = 0; round < browserRounds; round += 1) interactive.push((await visit(path)).interactiveMs);
  const first = await visit('/');
  return [
    {
      id: 'console.interactive',
      label: 'The page of the long session, until it can be used in a browser that has nothing of it',
      unit: 'ms',
      result: spreadOf(interactive),
      target: { atMost: INTERACTIVE_TARGET_MS },
    },
    {
      id: 'console.first_page',
      label: 'Bytes that a first page loads, as they were sent',
      unit: 'bytes',
      result: spreadOf([first.bytes]),
      target: { atMost: FIRST_PAGE_TARGET_BYTES },
    },
  ];
}

/** Opens a page in a browser that has neither its files nor its cookies. */
async function visitPage(
  browser: Browser,
  url: string,
  token: string,
): Promise<{ interactiveMs: number; bytes: number }> {
  const context = await browser.createBrowserContext();
  try {
    await context.setCookie({
      name: 'masker_session',
      value: token,
      domain: new URL(url).hostname,
      path: '/',
    });
    // The time zone is known, as it is at any page but the very first.
    await context.setCookie({ name: 'masker_tz', value: 'UTC', domain: new URL(url).hostname, path: '/' });
    const page = await context.newPage();
    await page.emulateTimezone('UTC');
    await page.goto(url, { waitUntil: 'networkidle0' });
    const [interactiveMs, bytes] = (await page.evaluate(`(() => {
      const [visit] = performance.getEntriesByType('navigation');
      const files = performance.getEntriesByType('resource');
      return [visit.domInteractive, [visit, ...files].reduce((sum, { transferSize }) => sum + transferSize, 0)];
    })()`)) as [number, number];
    return { interactiveMs, bytes };
  } finally {
    await context.close();
  }
}
