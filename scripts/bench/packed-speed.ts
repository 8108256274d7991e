// Measures packed segments against segments that are arrays of entries, as an earlier version stored them: reports,
// memory, appends, and the bytes stored. Both forms take turns in the same rounds.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { SEGMENT_SIZE, SEGMENTS, segmentId } from '../../shared/log-store/segment.ts';
import {
  createSegmentRepository,
  type SegmentRepository,
} from '../../shared/log-store/segment-repository.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { REPORTS } from '../../shared/reports/report-row.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { type BenchAccount, createBenchAccount } from './bench-account.ts';
import { startBenchApi } from './bench-api.ts';
import { type BenchDatabase, openBeside, openInFolder } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, ratiosOf, spreadOf, type Target } from './measurement.ts';
import { peakMemoryOf } from './peak-memory.ts';
import { draftEvent, SAMPLE_KEY } from './sample-log.ts';
import { FORMS, type SegmentForm, type StoredLog, storeLog } from './stored-log.ts';

export type PackedRounds = Readonly<{
  warmUps: number;
  rounds: number;
  /** Entries of the logs that are reported on. */
  sizes: readonly number[];
  memoryRounds: number;
  /** Rounds of appends, each of a whole segment. */
  appends: number;
  /** Entries of the log whose bytes are measured. */
  weighed: number;
}>;

/** A report's time to that over arrays, at most, by log length. */
const TARGETS: Readonly<Record<number, number>> = { 100: 1.03, 100000: 0.6, 1000000: 0.5 };
/** An append's. */
const APPEND_TARGET = 1.03;
const BYTES_TARGET = 0.25;
const MEMORY_TARGET = 1.2;

/** Short reports are noisier, so there are more of them in a round. */
const perRound = (size: number) => (size <= 100 ? 24 : 1);

type Pair = Record<SegmentForm, number[]>;
type Stored = Readonly<{ size: number; logs: Readonly<Record<SegmentForm, StoredLog>> }>;

export async function measurePacked(options: PackedRounds, context: BenchContext): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  const stored: Stored[] = [];
  for (const size of options.sizes) {
    say(`Packed: writing two logs of ${count(size)} entries …`);
    const write = (form: SegmentForm) => storeLog(database.db, size, signal, { ...account, form });
    stored.push({ size, logs: { entries: await write('entries'), packed: await write('packed') } });
  }
  const api = { database, account, context };
  return [
    ...(await measureReports(stored, options, api)),
    ...(await measureMemory(stored, options, api)),
    ...(await measureAppends(options.appends, database.db, context)),
    ...(await weigh(options.weighed, context)),
  ];
}

type Api = Readonly<{ database: BenchDatabase; account: BenchAccount; context: BenchContext }>;

async function measureReports(
  stored: readonly Stored[],
  { warmUps, rounds }: PackedRounds,
  { database, account, context }: Api,
): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const service = await startBenchApi({ database, cookie: account.cookie, resources, signal });
  const times = stored.map((): Pair => ({ entries: [], packed: [] }));
  for (let round = -warmUps; round < rounds; round += 1) {
    if (round % 5 === 0) say(`Packed: reports, round ${round + 1} of ${rounds} …`);
    // As in `report-speed.ts`.
    await database.db.collection(REPORTS).deleteMany({});
    for (const [i, { size, logs }] of stored.entries()) {
      if (round < 0 && size > 100_000) continue;
      const taken: Pair = { entries: [], packed: [] };
      for (let k = 0; k < perRound(size); k += 1) {
        // Each form goes first every other time.
        for (const form of (k + round) % 2 === 0 ? FORMS : FORMS.toReversed())
          taken[form].push(await service.time(pathOf(logs[form])));
      }
      if (round >= 0) for (const form of FORMS) times[i]?.[form].push(spreadOf(taken[form]).median);
    }
  }
  await service.stop();
  return stored.flatMap(({ size }, i) =>
    present(`report_${size}`, `a report over ${count(size)} entries`, times[i] as Pair, 'ms', TARGETS[size]),
  );
}

/** Peak memory of a fresh API after two reports over packed logs. */
async function measureMemory(
  stored: readonly Stored[],
  { memoryRounds }: PackedRounds,
  { database, account, context }: Api,
): Promise<Measurement[]> {
  const { resources, signal } = context;
  const [short, long] = stored.slice(-2);
  if (!short || !long || memoryRounds === 0) return [];
  const peaks = { short: [] as number[], long: [] as number[] };
  for (let round = 0; round < memoryRounds; round += 1) {
    for (const [name, { logs }] of [
      ['short', short],
      ['long', long],
    ] as const) {
      const fresh = await startBenchApi({ database, cookie: account.cookie, resources, signal });
      for (let i = 0; i < 2; i += 1) await fresh.time(pathOf(logs.packed));
      const bytes = peakMemoryOf(fresh.pid);
      if (bytes !== null) peaks[name].push(bytes / 1e6);
      await fresh.stop();
    }
  }
  if (peaks.long.length === 0) return [];
  const label = `peak memory of reports over packed logs of ${count(long.size)} to ${count(short.size)} entries`;
  return [
    { id: 'packed.memory', label, unit: 'MB', result: spreadOf(peaks.long), target: null },
    ratio(
      'memory_long_to_short',
      ratiosOf(peaks.long, peaks.short),
      { atMost: MEMORY_TARGET },
      'the longer to the shorter',
    ),
  ];
}

/** Appends a whole segment, event by event, so that the swap that packs it has its share. */
async function measureAppends(rounds: number, db: Db, { say, signal }: BenchContext): Promise<Measurement[]> {
  const write = () => storeLog(db, 100, signal, { close: false });
  const logs = { entries: await write(), packed: await write() };
  const writers = { entries: withoutPacking(db), packed: createSegmentRepository(db) };
  const times: Pair = { entries: [], packed: [] };
  for (let round = -1; round < rounds; round += 1) {
    if (round % 5 === 0) say(`Packed: appends, round ${round + 1} of ${rounds} …`);
    const taken = { entries: 0, packed: 0 };
    for (let i = 0; i < SEGMENT_SIZE; i += 1) {
      for (const form of i % 2 === 0 ? FORMS : FORMS.toReversed())
        taken[form] += await timeAppend(db, writers[form], logs[form]);
    }
    if (round >= 0) for (const form of FORMS) times[form].push(taken[form] / SEGMENT_SIZE);
  }
  return present('append', `an append, of ${SEGMENT_SIZE} that fill a segment`, times, 'ms', APPEND_TARGET);
}

/** A writer as it was before segments were packed. */
function withoutPacking(db: Db): SegmentRepository {
  const segments = db.collection<{ _id: string; entries: string[]; count: number }>(SEGMENTS);
  return {
    ...createSegmentRepository(db),
    async extendTail(accountId, sessionId, tail, entries, headHashHex) {
      const _id = segmentId(accountId, sessionId, tail.index);
      const { modifiedCount } = await segments.updateOne(
        { _id, count: tail.count, head_hash: tail.headHashHex, closed: false },
        {
          $push: { entries: { $each: [...entries] } },
          $set: { count: tail.count + entries.length, head_hash: headHashHex },
        },
      );
      return modifiedCount === 1;
    },
  };
}

async function timeAppend(
  db: Db,
  audit: SegmentRepository,
  { accountId, sessionId }: StoredLog,
): Promise<number> {
  const sessions = createSessionRepository(db);
  const writer = { audit, sessions, keyring: createKeyring([SAMPLE_KEY]) };
  const begin = performance.now();
  const { status } = await appendEvents(writer, accountId, sessionId, [draftEvent(0)]);
  if (status !== 'appended') throw new Error(`The event could not be appended: ${status}`);
  return performance.now() - begin;
}

/** Bytes of an entry, as documents and in the folder of a database that holds nothing else. */
async function weigh(size: number, context: BenchContext): Promise<Measurement[]> {
  const { say, signal } = context;
  const bson: Pair = { entries: [], packed: [] };
  const folders: Pair = { entries: [], packed: [] };
  for (const form of FORMS) {
    say(`Packed: the bytes of ${count(size)} entries, form ${form} …`);
    const { database, folder, stop } = await openInFolder(context);
    await storeLog(database.db, 1, signal, { form });
    const empty = await sizeOf(folder);
    await storeLog(database.db, size, signal, { form });
    const documents = database.db.collection(SEGMENTS).find({}, { raw: true });
    let bytes = 0;
    for await (const document of documents) bytes += (document as unknown as Uint8Array).length;
    bson[form].push(bytes / size);
    await stop();
    folders[form].push(((await sizeOf(folder)) - empty) / size);
  }
  return [
    ...present('bson_bytes', 'bytes of an entry in its document', bson, 'bytes', BYTES_TARGET),
    ...present('folder_bytes', "bytes of an entry in the database's folder", folders, 'bytes', BYTES_TARGET),
  ];
}

async function sizeOf(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function present(
  id: string,
  label: string,
  values: Pair,
  unit: Measurement['unit'],
  atMost: number | undefined,
): Measurement[] {
  const row = (form: SegmentForm): Measurement => ({
    id: `packed.${id}_${form}`,
    label: `${label}, ${form === 'packed' ? 'packed' : 'as arrays'}`,
    unit,
    result: spreadOf(values[form]),
    target: null,
  });
  const target = atMost === undefined ? null : { atMost };
  return [
    row('entries'),
    row('packed'),
    ratio(`${id}_ratio`, ratiosOf(values.packed, values.entries), target),
  ];
}

function ratio(
  id: string,
  result: Measurement['result'],
  target: Target | null,
  label = 'packed to arrays',
): Measurement {
  return { id: `packed.${id}`, label: `  ${label}`, unit: 'times', result, target };
}

function pathOf({ sessionId }: StoredLog): string {
  return `/api/v1/sessions/${sessionId}/report?format=json`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
