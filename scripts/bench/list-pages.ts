// Times the first and a deep page of sessions by the number of sessions, and an append by the length of its log.
import { createHmac } from 'node:crypto';
import type { Db } from 'mongodb';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { createBenchAccount } from './bench-account.ts';
import { type BenchApi, CURSOR_KEY, startBenchApi } from './bench-api.ts';
import { type BenchDatabase, openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, percentileOf, ratiosOf, spreadOf } from './measurement.ts';
import { draftEvent, SAMPLE_KEY } from './sample-log.ts';
import { type StoredLog, storeLog } from './stored-log.ts';
import { storeSessions } from './stored-sessions.ts';

export type PageRounds = Readonly<{
  rounds: number;
  /** Sessions of the longest list. */
  most: number;
  appends: number;
  /** Full segments by which the long log exceeds the short one. */
  longSegments: number;
}>;

const COUNTS = [1_000, 10_000, 100_000] as const;
const FIRST_PAGE = '/api/v1/sessions?since=2000-01-01T00:00:00Z&limit=25';
/** Rows before the deep page. */
const DEPTH = 0.9;

/** An index serves both at the same cost; a server that scans, the deep one at less. The rest is room for noise. */
const AS_QUICK = { atMost: 1.5 };
const WARM_UPS = 2;

export async function measureListPages(
  { rounds, most, appends, longSegments }: PageRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal } = context;
  const database = await context.database();
  const lists: List[] = [];
  for (const count of COUNTS.filter((count) => count <= most)) {
    say(`Lists: writing ${count.toLocaleString('en-US')} sessions …`);
    lists.push(await prepareList(count, database, context));
  }
  if (most < 100_000) say(`Lists: of at most ${most.toLocaleString('en-US')} sessions`);
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    for (const { api, deepPage, times } of lists) {
      const [first, deep] = [await api.time(FIRST_PAGE), await api.time(deepPage)];
      if (round < 0) continue;
      times.first.push(first);
      times.deep.push(deep);
    }
  }
  for (const { api } of lists) await api.stop();
  say('Appends: writing logs …');
  return [
    ...lists.flatMap(presentList),
    ...(await measureAppends(appends, longSegments, database.db, signal)),
  ];
}

type List = Readonly<{
  count: number;
  api: BenchApi;
  deepPage: string;
  times: { first: number[]; deep: number[] };
}>;

/** Each list has a database of its own: a server that scans the collection would also scan the other lists' rows. */
async function prepareList(count: number, beside: BenchDatabase, context: BenchContext): Promise<List> {
  const { resources, signal } = context;
  const database = await openBeside(beside, resources);
  const account = await createBenchAccount(database.db);
  const deepRow = await storeSessions(database.db, account, count, Math.floor(count * DEPTH));
  const api = await startBenchApi({ database, cookie: account.cookie, resources, signal });
  const { next_cursor } = (await api.readJson(FIRST_PAGE)) as { next_cursor: string };
  return {
    count,
    api,
    deepPage: `${FIRST_PAGE}&cursor=${moveCursor(next_cursor, deepRow)}`,
    times: { first: [], deep: [] },
  };
}

/** The cursor that a caller reaches page by page, signed as the API signs it. */
function moveCursor(cursor: string, { startedAt, id }: { startedAt: Date; id: string }): string {
  const [payload = ''] = cursor.split('.');
  const state = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const moved = Buffer.from(JSON.stringify({ ...state, after: [startedAt.getTime(), id] })).toString(
    'base64url',
  );
  return `${moved}.${createHmac('sha256', CURSOR_KEY).update(moved).digest('base64url')}`;
}

function presentList({ count, times }: List): Measurement[] {
  const sessions = `${count.toLocaleString('en-US')} sessions`;
  const page = (id: keyof typeof times, label: string): Measurement => ({
    id: `lists.${id}_${count}`,
    unit: 'ms',
    result: spreadOf(times[id]),
    target: null,
    label: `${label} of ${sessions}, 99th percentile ${percentileOf(times[id], 99).toFixed(1)} ms`,
  });
  return [
    page('first', 'first page'),
    page('deep', `a page after ${DEPTH * 100} %`),
    {
      id: `lists.deep_to_first_${count}`,
      label: '  the deep one to the first',
      unit: 'times',
      result: ratiosOf(times.deep, times.first),
      target: AS_QUICK,
    },
  ];
}

const SHORT = 100;

async function measureAppends(
  rounds: number,
  longSegments: number,
  db: Db,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const short = await storeLog(db, SHORT, signal, { close: false });
  // Both end at the same place within a segment, so that as much is read of the last one.
  const long = await storeLog(db, SHORT + longSegments * SEGMENT_SIZE, signal, { close: false });
  const times = { short: [] as number[], long: [] as number[] };
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    const [shortMs, longMs] = [await timeAppend(db, short), await timeAppend(db, long)];
    if (round < 0) continue;
    times.short.push(shortMs);
    times.long.push(longMs);
  }
  const row = (id: keyof typeof times, { size }: StoredLog): Measurement => ({
    id: `appends.${id}`,
    unit: 'ms',
    result: spreadOf(times[id]),
    target: null,
    label: `appending one event to a log of ${size.toLocaleString('en-US')}`,
  });
  return [
    row('short', short),
    row('long', long),
    {
      id: 'appends.long_to_short',
      label: '  the longer to the shorter',
      unit: 'times',
      result: ratiosOf(times.long, times.short),
      target: AS_QUICK,
    },
  ];
}

async function timeAppend(db: Db, { accountId, sessionId }: StoredLog): Promise<number> {
  const writer = {
    audit: createSegmentRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring([SAMPLE_KEY]),
  };
  const begin = performance.now();
  const { status } = await appendEvents(writer, accountId, sessionId, [draftEvent(0)]);
  if (status !== 'appended') throw new Error(`The event could not be appended: ${status}`);
  return performance.now() - begin;
}
