// Measures a report over many short logs against one over a single log of as many entries, in the same rounds, and
// against asking for each session's report one after the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { REPORTS } from '../../shared/reports/report-row.ts';
import { createBenchAccount } from './bench-account.ts';
import { startBenchApi } from './bench-api.ts';
import { openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, percentileOf, ratiosOf, spreadOf, type Target } from './measurement.ts';
import { peakMemoryOf } from './peak-memory.ts';
import { storeLog } from './stored-log.ts';
import { storeWindow } from './stored-window.ts';

export type WindowRounds = Readonly<{
  warmUps: number;
  rounds: number;
  sessions: number;
  /** Entries of each session. */
  entries: number;
  /** Sessions whose reports are asked for one after the other. */
  single: number;
  memoryRounds: number;
  /** Lists asked for beside the report. */
  lists: number;
}>;

const TIME_TARGET = 1.5;
const MEMORY_TARGET = 1.3;
const QUICKER_TARGET = 10;
/** Allowed to lists beside twice the idle time, as beside other reports. */
const SLACK_MS = 5;
const LIST_EVERY_MS = 20;
const LIST_PATH = '/api/v1/sessions?since=7d&limit=25';

export async function measureWindows(options: WindowRounds, context: BenchContext): Promise<Measurement[]> {
  const { warmUps, rounds, sessions, entries, single, memoryRounds, lists } = options;
  const { say, signal, resources } = context;
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  say(`Windows: writing ${count(sessions)} logs of ${entries} entries, and one of as many …`);
  const ids = await storeWindow(database.db, sessions, entries, signal, account);
  // The long log is another account's, so that the window holds the short ones alone.
  const other = await createBenchAccount(database.db);
  const long = await storeLog(database.db, sessions * entries, signal, other);
  const windowPath = '/api/v1/reports?format=json';
  const longPath = `/api/v1/sessions/${long.sessionId}/report?format=json`;
  const start = (cookie: string) => startBenchApi({ database, cookie, resources, signal });
  const [ours, theirs] = [await start(account.cookie), await start(other.cookie)];

  const times = { window: [] as number[], long: [] as number[], single: [] as number[] };
  const listed = { idle: [] as number[], beside: [] as number[] };
  for (let round = -warmUps; round < rounds; round += 1) {
    if (round === 0) say(`Windows: ${rounds} rounds …`);
    await database.db.collection(REPORTS).deleteMany({});
    const [windowMs, longMs] = [await ours.time(windowPath), await theirs.time(longPath)];
    const begin = performance.now();
    for (const id of ids.slice(0, single)) await ours.time(`/api/v1/sessions/${id}/report?format=json`);
    const singleMs = ((performance.now() - begin) * sessions) / Math.min(single, sessions);
    if (round < 0) continue;
    times.window.push(windowMs);
    times.long.push(longMs);
    times.single.push(singleMs);
    listed.idle.push(await timeLists(ours.time, lists, () => true));
    let isOver = false;
    const report = ours.time(windowPath).finally(() => {
      isOver = true;
    });
    // Awaited below: where it fails before that, the lists end first.
    report.catch(() => {});
    listed.beside.push(await timeLists(ours.time, lists, () => !isOver));
    await report;
  }
  for (const api of [ours, theirs]) await api.stop();

  const peaks = { window: [] as number[], long: [] as number[] };
  for (let round = 0; round < memoryRounds; round += 1) {
    for (const [name, cookie, path] of [
      ['window', account.cookie, windowPath],
      ['long', other.cookie, longPath],
    ] as const) {
      const fresh = await start(cookie);
      for (let i = 0; i < 2; i += 1) await fresh.time(path);
      const bytes = peakMemoryOf(fresh.pid);
      if (bytes !== null) peaks[name].push(bytes / 1e6);
      await fresh.stop();
    }
  }
  const row = (
    id: string,
    label: string,
    unit: Measurement['unit'],
    result: Measurement['result'],
    target: Target | null = null,
  ): Measurement => ({ id: `windows.${id}`, label, unit, result, target });
  const limits = listed.idle.map((idle) => 2 * idle + SLACK_MS);
  return [
    row(
      'window',
      `a report over ${count(sessions)} sessions of ${entries} entries`,
      'ms',
      spreadOf(times.window),
    ),
    row('long', `a report over one log of ${count(sessions * entries)}`, 'ms', spreadOf(times.long)),
    row('window_to_long', '  the first to the second', 'times', ratiosOf(times.window, times.long), {
      atMost: TIME_TARGET,
    }),
    row(
      'single_to_window',
      `  each session's report one after the other (of ${count(Math.min(single, sessions))}), to the first`,
      'times',
      ratiosOf(times.single, times.window),
      { atLeast: QUICKER_TARGET },
    ),
    row('lists_beside', '99th percentile of lists beside it', 'ms', spreadOf(listed.beside)),
    row('lists_to_limit', '  to twice idle and 5 ms', 'times', ratiosOf(listed.beside, limits), {
      atMost: 1,
    }),
    ...(peaks.window.length === 0
      ? []
      : [
          row('memory', 'peak memory of a fresh API after two of them', 'MB', spreadOf(peaks.window)),
          row(
            'memory_to_long',
            '  to that after two over the one log',
            'times',
            ratiosOf(peaks.window, peaks.long),
            {
              atMost: MEMORY_TARGET,
            },
          ),
        ]),
  ];
}

/** The 99th percentile of lists that are asked for at a steady rate, for as long as `goesOn`. */
async function timeLists(
  time: (path: string) => Promise<number>,
  most: number,
  goesOn: () => boolean,
): Promise<number> {
  const asked: Promise<number>[] = [];
  while (asked.length === 0 || (asked.length < most && goesOn())) {
    asked.push(time(LIST_PATH));
    await sleep(LIST_EVERY_MS);
  }
  return percentileOf(await Promise.all(asked), 99);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
