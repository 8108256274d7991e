// Measures the background pipeline: an incremental count in a short and a long log, backfill against the obvious
// script, and the jobs that a sweep of many sessions keeps waiting.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { parseConfig } from '../../shared/process/config.ts';
import { createLogger } from '../../shared/process/log.ts';
import { ReleaseStack } from '../../shared/process/release.ts';
import { createQueues } from '../../shared/queues/queues.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { createFleetSessions, type FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { SESSIONS, type StoredSession } from '../../shared/sessions/session-row.ts';
import { countSession } from '../../workers/jobs/aggregate-session.ts';
import { createDeriveDeps } from '../../workers/jobs/derive-deps.ts';
import type { DeriveDeps } from '../../workers/jobs/job.ts';
import { startPipeline } from '../../workers/jobs/pipeline.ts';
import { storeRoot } from '../../workers/jobs/store-root.ts';
import { eachSession } from '../batch/each-session.ts';
import type { BenchDatabase } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import { backfillNaively } from './naive-backfill.ts';
import { openPool } from './open-pool.ts';
import { draftEvent, SAMPLE_KEY } from './sample-log.ts';
import { type StoredLog, storeLog } from './stored-log.ts';
import { measureThreads } from './thread-speed.ts';

export type PipelineRounds = Readonly<{
  rounds: number;
  /** Full segments by which the long log exceeds the short one. */
  longSegments: number;
  backfills: number;
  /** Logs of a backfill. */
  logs: number;
  /** Sessions to sweep. */
  dirty: number;
}>;

const NEVER = new AbortController().signal;
/** No log of the benchmark fails, so nothing is reported. */
const SILENT = { log: { error() {}, info() {} }, countFailed() {} };

export async function measurePipeline(
  { rounds, longSegments, backfills, logs, dirty }: PipelineRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal } = context;
  const database = await context.database();
  say('Incremental counts: writing logs …');
  const counts = await measureIncremental(rounds, longSegments, database, signal);
  say('Backfill: writing logs …');
  const backfill = await measureBackfill(backfills, logs, database, signal);
  const redisUrl = await context.redisUrl();
  if (redisUrl === null) return [...counts, ...backfill];
  say(`Sweep: ${dirty} sessions …`);
  return [...counts, ...backfill, await measureSweep(dirty, database, redisUrl, signal)];
}

const SHORT = 100;
const APPENDED = 10;

async function measureIncremental(
  rounds: number,
  longSegments: number,
  database: BenchDatabase,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const { db } = database;
  const logs = [
    await storeLog(db, SHORT, signal, { close: false }),
    // Both end at the same place within a segment, so that as much is read of the last one.
    await storeLog(db, SHORT + longSegments * SEGMENT_SIZE, signal, { close: false }),
  ] as const;
  await using pool = await openPool(database, 1);
  const deps = createDeriveDeps(db, pool, SILENT);
  const times = logs.map((): number[] => []);
  // The first rounds compile the code and are not timed.
  for (let round = -5; round < rounds; round += 1) {
    for (const [i, log] of logs.entries()) {
      const took = await timeIncrement(db, deps, log);
      if (round >= 0) times[i]?.push(took);
    }
  }
  const [short, long] = times as [number[], number[]];
  const ms = (id: string, size: number, values: number[]): Measurement => ({
    id: `pipeline.${id}`,
    label: `counting ${APPENDED} new entries after ${size.toLocaleString('en-US')}`,
    unit: 'ms',
    result: spreadOf(values),
    target: null,
  });
  const ratio = spreadOf(long).median / spreadOf(short).median;
  return [
    ms('increment_short', logs[0].size, short),
    ms('increment_long', logs[1].size, long),
    {
      id: 'pipeline.increment_ratio',
      label: 'the longer to the shorter, of medians',
      unit: 'times',
      result: { median: ratio, min: ratio, max: ratio },
      target: { atMost: 1.5 },
    },
  ];
}

/** Milliseconds to count appended entries whose writer died before it updated the row. */
async function timeIncrement(db: Db, deps: DeriveDeps, { accountId, sessionId }: StoredLog): Promise<number> {
  const writer = {
    audit: createSegmentRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring([SAMPLE_KEY]),
  };
  const rows = db.collection<StoredSession>(SESSIONS);
  const before = await rows.findOne({ _id: sessionId });
  if (!before) throw new Error('The session to count is gone');
  const events = Array.from({ length: APPENDED }, (_, i) => draftEvent(i));
  await appendEvents(writer, accountId, sessionId, events);
  await rows.updateOne({ _id: sessionId }, { $set: { log: before.log, aggregate: before.aggregate } });
  const begin = performance.now();
  const { kind } = await countSession(deps, { accountId, sessionId }, NEVER);
  const took = performance.now() - begin;
  if (kind !== 'current') throw new Error(`The session could not be counted: ${kind}`);
  return took;
}

const BACKFILL_SIZE = 2_000;
const BACKFILL_THREADS = 2;

async function measureBackfill(
  rounds: number,
  logs: number,
  database: BenchDatabase,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const { db } = database;
  const accountId = newId('account');
  for (let i = 0; i < logs; i += 1) await storeLog(db, BACKFILL_SIZE, signal, { accountId });
  await using pool = await openPool(database, BACKFILL_THREADS);
  const deps = createDeriveDeps(db, pool, SILENT);
  const fleet = createFleetSessions(db);
  const rates = { ours: [] as number[], naive: [] as number[] };
  const ways = {
    ours: () => backfill(deps, fleet, accountId),
    naive: () => backfillNaively(db, accountId, SAMPLE_KEY.bytes),
  };
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(ways) as [keyof typeof ways, () => Promise<void>][]) {
      signal.throwIfAborted();
      await forgetRoots(db, accountId);
      const begin = performance.now();
      await run();
      if (round >= 0) rates[name].push(logs / ((performance.now() - begin) / 1000));
      const missing = await fleet.countSelected({ accountId, withoutRoot: true });
      if (missing > 0) throw new Error(`The ${name} backfill left ${missing} sessions without a root`);
    }
  }
  const rate = (name: keyof typeof rates, label: string): Measurement => ({
    id: `pipeline.backfill_${name}`,
    label,
    unit: 'sessions/s',
    result: spreadOf(rates[name]),
    target: null,
  });
  const size = BACKFILL_SIZE.toLocaleString('en-US');
  return [
    rate('ours', `backfill of logs of ${size} entries on ${BACKFILL_THREADS} threads, with the database`),
    rate('naive', 'a script that reads, parses and hashes with node:crypto, one thread'),
    {
      id: 'pipeline.backfill_to_naive',
      label: 'ours to the script',
      unit: 'times',
      result: spreadOf(rates.ours.map((each, round) => each / (rates.naive[round] as number))),
      target: { atLeast: 3 },
    },
    ...(await measureThreads(
      {
        entries: BACKFILL_SIZE,
        logs: Math.min(logs, 13),
        threads: BACKFILL_THREADS,
        target: 1.7,
        id: 'pipeline.backfill_threads',
        label: `hashing logs of ${size} entries on ${BACKFILL_THREADS} threads to one, database apart`,
      },
      rounds * 2,
      signal,
    )),
  ];
}

/** As `npm run backfill` does it. */
async function backfill(deps: DeriveDeps, fleet: FleetSessions, accountId: string): Promise<void> {
  const selection = { accountId, ended: true, withoutRoot: true };
  await eachSession({
    list: (afterId, limit) => fleet.listSelected(selection, afterId, limit),
    lanes: BACKFILL_THREADS * 2,
    async visit(log) {
      await storeRoot(deps, log, NEVER);
    },
  });
}

async function forgetRoots(db: Db, accountId: string): Promise<void> {
  const none = { merkle_root_hex: null, merkle_root_size: null };
  await db.collection<StoredSession>(SESSIONS).updateMany({ account_id: accountId }, { $set: none });
}

const POLL_MS = 20;
/** The next sweep finds the sessions that one leaves. The service's minute would be too long here. */
const SWEEP_EVERY_MS = 5_000;

/** The most jobs that wait at once while a sweep finds `dirty` changed sessions. */
async function measureSweep(
  dirty: number,
  { db, uri, name }: BenchDatabase,
  redisUrl: string,
  signal: AbortSignal,
): Promise<Measurement> {
  const rows = db.collection<StoredSession>(SESSIONS);
  const { sessionId } = await storeLog(db, 0, signal);
  const row = await rows.findOne({ _id: sessionId });
  if (!row) throw new Error('The session to multiply is gone');
  await rows.updateMany({}, { $set: { stage: 'done' } });
  const agents = Array.from({ length: 50 }, () => newId('agent'));
  const { stage: _stage, ...due } = row;
  const copies = Array.from(
    { length: dirty },
    (_, i): StoredSession => ({
      ...due,
      _id: newId('session'),
      agent_id: agents[i % agents.length] as string,
    }),
  );
  await rows.insertMany(copies);

  const redis = openRedis(redisUrl, 'worker');
  const queues = createQueues(redis, name);
  await using acquired = new ReleaseStack(5_000);
  acquired.defer(async () => {
    await Promise.all(queues.all.map((queue) => queue.obliterate({ force: true })));
    await queues.close();
    redis.disconnect();
  });
  const config = { ...parseConfig({}), mongodbDb: name, auditKeys: [SAMPLE_KEY], reportThreads: 2 };
  const log = createLogger({ logLevel: 'silent' });
  const schedules = { sweepEveryMs: SWEEP_EVERY_MS };
  await startPipeline({ config, mongodbUri: uri, redisUrl, db, log, acquired, schedules });
  let most = 0;
  for (let left = dirty; left > 0; ) {
    signal.throwIfAborted();
    for (let i = 0; i < 25; i += 1) {
      const counts = [...(await queues.counts()).values()];
      most = Math.max(
        most,
        counts.reduce((sum, { waiting }) => sum + waiting, 0),
      );
      await sleep(POLL_MS);
    }
    left = await rows.countDocuments({ stage: { $ne: 'done' } });
  }
  return {
    id: 'pipeline.sweep_waiting',
    label: `most jobs waiting while ${dirty.toLocaleString('en-US')} sessions are swept`,
    unit: 'jobs',
    result: { median: most, min: most, max: most },
    target: { atMost: 1_000 },
  };
}
