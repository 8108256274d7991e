// Times lists and the API's event loop delay: idle, while reports run on threads, and while the same reports are hashed
// on the event loop in one call.
import { setTimeout as sleep } from 'node:timers/promises';
import { createBenchAccount } from './bench-account.ts';
import { type BenchApi, type LoopDelay, startBenchApi } from './bench-api.ts';
import { openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, percentileOf, ratiosOf, spreadOf } from './measurement.ts';
import { storeLog } from './stored-log.ts';
import { storeSessions } from './stored-sessions.ts';

export type LoadRounds = Readonly<{
  /** Entries of the log that is reported on. */
  entries: number;
  /** Reports before any is timed: the API and the database server compile what runs often. */
  warmUps: number;
  rounds: number;
  lists: number;
}>;

/** Sessions in the list's account: more than a page. */
const SESSIONS = 200;
const REPORTS_AT_ONCE = 2;
const LIST_PATH = '/api/v1/sessions?since=7d&limit=25';
/** A user who looks around, not a load test. */
const LIST_EVERY_MS = 20;
/** Allowed to lists beside twice the idle time. */
const SLACK_MS = 5;
const TIMES_WORSE = 10;
/** Time until the reports are under way. */
const LEAD_MS = 200;

type Setting = 'idle' | 'threads' | 'loop';

type Figures = {
  listsMs: number[];
  p99Ms: number[];
  loopP99Ms: number[];
  loopMaxMs: number[];
};

export async function measureLoad(
  { entries, warmUps, rounds, lists }: LoadRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  say('Load: writing sessions and a log …');
  await storeSessions(database.db, account, SESSIONS, 0);
  const { sessionId } = await storeLog(database.db, entries, signal, account);
  const reportPath = `/api/v1/sessions/${sessionId}/report?format=json`;

  const start = (...files: string[]) =>
    startBenchApi({
      database,
      cookie: account.cookie,
      resources,
      signal,
      preloads: files.map((file) => new URL(file, import.meta.url)),
    });
  const onThreads = await start('./loop-delay.ts');
  const onLoop = await start('./loop-delay.ts', './hash-on-loop.ts');
  const services: Record<Setting, BenchApi> = { idle: onThreads, threads: onThreads, loop: onLoop };
  const names = Object.keys(services) as Setting[];
  const figures = Object.fromEntries(names.map((name) => [name, emptyFigures()])) as Record<Setting, Figures>;
  for (const api of [onThreads, onLoop]) await warmUp(api, reportPath, warmUps);
  for (let round = 0; round < rounds; round += 1) {
    say(`Load, round ${round + 1} of ${rounds} …`);
    for (const name of names) {
      const load = name === 'idle' ? 0 : REPORTS_AT_ONCE;
      await measureRound(figures[name], services[name], { lists, load, reportPath });
    }
  }
  for (const api of [onThreads, onLoop]) await api.stop();
  return present(figures, entries);
}

async function warmUp(api: BenchApi, reportPath: string, reports: number): Promise<void> {
  for (let i = 0; i < reports; i += 1) await api.time(reportPath);
  await timeLists(50, api);
}

type Round = Readonly<{ lists: number; load: number; reportPath: string }>;

async function measureRound(
  figures: Figures,
  api: BenchApi,
  { lists, load, reportPath }: Round,
): Promise<void> {
  let done = false;
  const reports = Array.from({ length: load }, async () => {
    while (!done) {
      await api.time(reportPath);
    }
  });
  await sleep(LEAD_MS);
  await api.askDelay();
  const times = await timeLists(lists, api);
  const delay: LoopDelay = await api.askDelay();
  done = true;
  await Promise.all(reports);
  figures.listsMs.push(...times);
  figures.p99Ms.push(percentileOf(times, 99));
  figures.loopP99Ms.push(delay.p99Ms);
  figures.loopMaxMs.push(delay.maxMs);
}

/** Sends each request on schedule, even before the last answer, so that a stall counts for every request it delays. */
async function timeLists(count: number, { time }: BenchApi): Promise<number[]> {
  const answers: Promise<number>[] = [];
  for (let i = 0; i < count; i += 1) {
    answers.push(time(LIST_PATH));
    await sleep(LIST_EVERY_MS);
  }
  return Promise.all(answers);
}

function present({ idle, threads, loop }: Record<Setting, Figures>, entries: number): Measurement[] {
  const allowed = idle.p99Ms.map((ms) => 2 * ms + SLACK_MS);
  const ratio = (id: string, label: string, result: Measurement['result'], target: Measurement['target']) =>
    ({ id: `load.${id}`, label, unit: 'times', result, target }) as const;
  return [
    ...presentSetting('idle', 'idle', idle),
    ...presentSetting(
      'threads',
      `with ${REPORTS_AT_ONCE} reports over ${entries.toLocaleString('en-US')} entries at a time`,
      threads,
    ),
    ...presentSetting('loop', 'with the same hashed on the event loop in one call', loop),
    ratio(
      'lists_p99',
      `99th percentile of lists beside reports, to twice the idle one and ${SLACK_MS} ms`,
      ratiosOf(threads.p99Ms, allowed),
      { atMost: 1 },
    ),
    ratio(
      'loop_to_threads',
      '  hashed on the event loop, to that on threads',
      ratiosOf(loop.p99Ms, threads.p99Ms),
      {
        atLeast: TIMES_WORSE,
      },
    ),
    ratio('loop_to_idle', '  hashed on the event loop, to idle', ratiosOf(loop.p99Ms, idle.p99Ms), null),
  ];
}

function presentSetting(
  name: Setting,
  words: string,
  { listsMs, p99Ms, loopP99Ms, loopMaxMs }: Figures,
): Measurement[] {
  const row = (id: string, label: string, values: readonly number[]): Measurement => ({
    id: `load.${name}_${id}`,
    label,
    unit: 'ms',
    result: spreadOf(values),
    target: null,
  });
  return [
    row('list', `GET /sessions, ${words}`, listsMs),
    row('list_p99', '  its 99th percentile, by round', p99Ms),
    row('loop_p99', '  99th percentile of the event loop’s delay', loopP99Ms),
    row('loop_max', '  most that it was late', loopMaxMs),
  ];
}

function emptyFigures(): Figures {
  return { listsMs: [], p99Ms: [], loopP99Ms: [], loopMaxMs: [] };
}
