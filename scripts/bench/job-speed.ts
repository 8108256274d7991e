// Measures reports in the background: the memory of a workers process for few and for many sessions, the longest time
// in which the progress stands still, and the time until the threads are free after a report is cancelled.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPORTS } from '../../shared/reports/report-row.ts';
import { type EntryProcess, startEntry } from '../setup/entry-process.ts';
import { createBenchAccount } from './bench-account.ts';
import { type BenchApi, startBenchApi } from './bench-api.ts';
import { type BenchDatabase, openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { monotonicMs, type ThreadsFree } from './job-worker.ts';
import { type Measurement, ratiosOf, spreadOf } from './measurement.ts';
import { peakMemoryOf } from './peak-memory.ts';
import { SAMPLE_KEY } from './sample-log.ts';
import { storeWindow } from './stored-window.ts';

export type JobRounds = Readonly<{
  rounds: number;
  /** Sessions of the smaller and of the larger window. */
  few: number;
  many: number;
  /** Entries of each session. */
  entries: number;
  cancelled: number;
}>;

const MEMORY_TARGET = 1.3;
const STANDSTILL_TARGET_MS = 1_000;
const FREE_TARGET_MS = 100;
const POLL_MS = 20;
const WORKER = join(import.meta.dirname, 'job-worker.ts');
const STOP_TIMEOUT_MS = 10_000;

type JobStatus = Readonly<{
  id: string;
  status: string;
  progress: Readonly<{ stage: string; sessions_done: number; updated_at: string }> | null;
}>;

export async function measureReportJobs(
  { rounds, few, many, entries, cancelled }: JobRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const redisUrl = await context.redisUrl();
  if (redisUrl === null) return [];
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  say(`Reports in the background: writing ${count(many)} logs of ${entries} entries …`);
  const write = (sessions: number) => storeWindow(database.db, sessions, entries, signal, account);
  const since = new Date().toISOString();
  await write(few);
  await sleep(1);
  const middle = new Date().toISOString();
  await write(many - few);
  await sleep(1);
  const windows = { few: window(since, middle), many: window(since, new Date().toISOString()) };
  const api = await startBenchApi({ database, cookie: account.cookie, redisUrl, resources, signal });
  const start = () => startWorker(database, redisUrl, context);

  const peaks = { few: [] as number[], many: [] as number[] };
  const times = { few: [] as number[], many: [] as number[] };
  const stood: number[] = [];
  const walkStood: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['few', 'many'] as const) {
      say(`Reports in the background: ${count(name === 'few' ? few : many)} sessions …`);
      await database.db.collection(REPORTS).deleteMany({});
      const worker = await start();
      const { tookMs, stoodMs, walkStoodMs } = await followOrder(api, windows[name]);
      times[name].push(tookMs);
      if (name === 'many') {
        stood.push(stoodMs);
        walkStood.push(walkStoodMs);
      }
      const bytes = peakMemoryOf(worker.pid);
      if (bytes !== null) peaks[name].push(bytes / 1e6);
      await worker.stop(AbortSignal.timeout(STOP_TIMEOUT_MS));
    }
  }
  say(`Reports in the background: ${cancelled} are cancelled …`);
  const worker = await start();
  const freed: number[] = [];
  const wholeMs = spreadOf(times.many).median;
  for (let i = 0; i < cancelled; i += 1) {
    freed.push(await timeCancelled(api, worker, windows.many, ((i + 0.5) / cancelled) * wholeMs));
  }
  await worker.stop(AbortSignal.timeout(STOP_TIMEOUT_MS));
  await api.stop();

  const row = (
    id: string,
    label: string,
    unit: Measurement['unit'],
    result: Measurement['result'],
    atMost: number | null = null,
  ): Measurement => ({
    ...{ id: `background.${id}`, label, unit, result },
    target: atMost === null ? null : { atMost },
  });
  return [
    row('few', `a report in the background over ${count(few)} sessions`, 'ms', spreadOf(times.few)),
    row('many', `a report in the background over ${count(many)}`, 'ms', spreadOf(times.many)),
    row(
      'standstill',
      '  longest time in which its progress stands still',
      'ms',
      spreadOf(stood),
      STANDSTILL_TARGET_MS,
    ),
    row(
      'walk_standstill',
      '  longest time in which the number of walked sessions does, while it walks',
      'ms',
      spreadOf(walkStood),
      STANDSTILL_TARGET_MS,
    ),
    ...(peaks.many.length === 0
      ? []
      : [
          row('memory', '  peak memory of a fresh workers process', 'MB', spreadOf(peaks.many)),
          row(
            'memory_to_few',
            '  to that of the first',
            'times',
            ratiosOf(peaks.many, peaks.few),
            MEMORY_TARGET,
          ),
        ]),
    row('cancelled', '  time from DELETE until its threads are free', 'ms', spreadOf(freed), FREE_TARGET_MS),
  ];
}

async function startWorker(
  { uri, name }: BenchDatabase,
  redisUrl: string,
  { resources, signal }: BenchContext,
): Promise<EntryProcess> {
  const env = {
    MONGODB_URI: uri,
    MONGODB_DB: name,
    REDIS_URL: redisUrl,
    AUDIT_KEYS: `${SAMPLE_KEY.id}:${Buffer.from(SAMPLE_KEY.bytes).toString('hex')}`,
    LOG_LEVEL: 'silent',
  };
  const worker = startEntry(WORKER, env);
  resources.defer((force) => worker.stop(force));
  await Promise.race([
    worker.message,
    worker.exited.then((how) => {
      throw new Error(`The workers did not start (${how}): their output above says why.`);
    }),
  ]);
  signal.throwIfAborted();
  return worker;
}

type Followed = Readonly<{
  tookMs: number;
  /** The longest time without a change of the progress. */
  stoodMs: number;
  /** The longest time without a change of the number of walked sessions, while they are walked. */
  walkStoodMs: number;
}>;

/** Orders a report and asks how far it is until it is ready. */
async function followOrder(api: BenchApi, path: string): Promise<Followed> {
  const { id } = await order(api, path);
  const begin = performance.now();
  const all = new Standstill();
  const walk = new Standstill();
  for (;;) {
    const { status, progress } = await readStatus(api, id);
    all.see(JSON.stringify([status, progress?.stage, progress?.sessions_done, progress?.updated_at]));
    if (progress?.stage === 'walking') walk.see(`${progress.sessions_done}`);
    if (status === 'ready') break;
    if (status === 'failed') throw new Error('A report in the background failed');
    await sleep(POLL_MS);
  }
  const tookMs = performance.now() - begin;
  await api.remove(`/api/v1/reports/${id}`);
  return { tookMs, stoodMs: all.longestMs, walkStoodMs: walk.longestMs };
}

/** The longest time for which something looked the same. */
class Standstill {
  longestMs = 0;
  #seen = '';
  #sinceMs = performance.now();

  see(shown: string): void {
    const now = performance.now();
    if (this.#seen === '') this.#sinceMs = now;
    this.longestMs = Math.max(this.longestMs, now - this.#sinceMs);
    if (shown !== this.#seen) this.#sinceMs = now;
    this.#seen = shown;
  }
}

async function timeCancelled(
  api: BenchApi,
  worker: EntryProcess,
  path: string,
  afterMs: number,
): Promise<number> {
  const { id } = await order(api, path);
  while ((await readStatus(api, id)).status === 'queued') await sleep(POLL_MS);
  await sleep(afterMs);
  await api.remove(`/api/v1/reports/${id}`);
  const begin = monotonicMs();
  const { atMs } = (await worker.ask('free')) as ThreadsFree;
  return Math.max(0, atMs - begin);
}

async function order(api: BenchApi, path: string): Promise<JobStatus> {
  return (await api.readJson(path, { Prefer: 'respond-async' })) as JobStatus;
}

async function readStatus(api: BenchApi, id: string): Promise<JobStatus> {
  return (await api.readJson(`/api/v1/reports/${id}`)) as JobStatus;
}

function window(since: string, until: string): string {
  return `/api/v1/reports?format=json&since=${since}&until=${until}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
