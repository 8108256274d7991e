// Measures sessions that are written over HTTP: events a second by the size of a batch, against MongoDB's own inserts of the
// same entries, and lists meanwhile.
import { createTokenRepository } from '../../shared/accounts/token-repository.ts';
import { DURABLE } from '../../shared/mongo/evidence.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { type BenchAccount, createBenchAccount } from './bench-account.ts';
import { type BenchApi, startBenchApi } from './bench-api.ts';
import { type BenchDatabase, openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { timeLoad } from './list-load.ts';
import { type Measurement, ratiosOf, spreadOf } from './measurement.ts';
import { storeSessions } from './stored-sessions.ts';
import { openWritingClient, planWritten, type WritingClient } from './writing-client.ts';

export type WritingRounds = Readonly<{
  rounds: number;
  /** Batches of a session. */
  requests: number;
  lists: number;
}>;

const CONNECTIONS = 32;
const BATCHES = [1, 10, 100] as const;
const BATCH_OF_TARGET = 100;
const INSERTS_TARGET = 0.5;
/** Sessions in the list's account: more than a page. */
const SESSIONS = 200;
const LIST_PATH = '/api/v1/sessions?since=7d&limit=25';
/** Allowed to lists beside twice the idle time, as beside reports. */
const SLACK_MS = 5;

type Bench = Readonly<{
  database: BenchDatabase;
  account: BenchAccount;
  api: BenchApi;
  client: WritingClient;
  signal: AbortSignal;
}>;

export async function measureWriting(
  { rounds, requests, lists }: WritingRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  await storeSessions(database.db, account, SESSIONS, 0);
  const expiresAt = new Date(Date.now() + DAY_MS);
  const scopes = ['sessions:write'] as const;
  const { text } = await createTokenRepository(database.db).create(account.accountId, {
    ...{ name: 'bench', scopes, expiresAt },
  });
  const api = await startBenchApi({ database, cookie: account.cookie, resources, signal });
  const client = openWritingClient(api.url, text, CONNECTIONS);
  resources.defer(async () => client.close());
  const bench: Bench = { database, account, api, client, signal };

  say('Writing: warming up …');
  await writeRound(bench, { requests, batch: BATCH_OF_TARGET });
  const rows: Measurement[] = [];
  const rates = Object.fromEntries(BATCHES.map((batch) => [batch, [] as Rates[]]));
  for (let round = 0; round < rounds; round += 1) {
    say(`Writing, round ${round + 1} of ${rounds} …`);
    for (const batch of BATCHES) rates[batch]?.push(await writeRound(bench, { requests, batch }));
  }
  for (const batch of BATCHES) rows.push(...presentBatch(batch, rates[batch] ?? []));
  say('Writing: lists meanwhile …');
  rows.push(...(await measureLists(bench, { rounds, requests, lists })));
  await api.stop();
  return rows;
}

/** Events a second: over HTTP, and as documents that the driver inserts one by one. */
type Rates = Readonly<{ written: number; inserted: number }>;

async function writeRound(
  { database, account, client, signal }: Bench,
  size: Readonly<{ requests: number; batch: number }>,
): Promise<Rates> {
  signal.throwIfAborted();
  const sessions = Array.from({ length: CONNECTIONS }, () => planWritten(account, size));
  const count = CONNECTIONS * size.requests * size.batch;
  const begun = performance.now();
  await client.write(sessions);
  const writtenMs = performance.now() - begun;
  const documents = database.db.collection('bench_entries', DURABLE);
  const insertedFrom = performance.now();
  await Promise.all(
    sessions.map(async ({ events }) => {
      for (const entry of events) await documents.insertOne({ entry });
    }),
  );
  const insertedMs = performance.now() - insertedFrom;
  await documents.drop();
  return { written: (count * 1000) / writtenMs, inserted: (count * 1000) / insertedMs };
}

function presentBatch(batch: number, rates: readonly Rates[]): Measurement[] {
  const written = rates.map((rate) => rate.written);
  const inserted = rates.map((rate) => rate.inserted);
  const row = { unit: 'entries/s', target: null } as const;
  const of = `${CONNECTIONS} connections, batches of ${batch}`;
  return [
    { ...row, id: `writing.events_${batch}`, label: `Events over HTTP, ${of}`, result: spreadOf(written) },
    {
      ...{ ...row, id: `writing.inserts_${batch}`, result: spreadOf(inserted) },
      label: '  the same entries by insertOne, durably',
    },
    {
      ...{ id: `writing.to_inserts_${batch}`, unit: 'times', result: ratiosOf(written, inserted) },
      label: '  events over HTTP to inserts',
      target: batch === BATCH_OF_TARGET ? { atLeast: INSERTS_TARGET } : null,
    },
  ];
}

async function measureLists(
  bench: Bench,
  { rounds, requests, lists }: WritingRounds,
): Promise<Measurement[]> {
  const { api, account, signal } = bench;
  const load = { url: api.url + LIST_PATH, cookie: account.cookie, requests: lists };
  const [idleMs, besideMs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    idleMs.push(await timeLoad(load, signal));
    let done = false;
    const writing = (async () => {
      while (!done) {
        const sessions = Array.from({ length: CONNECTIONS }, () =>
          planWritten(account, { requests, batch: 10 }),
        );
        await bench.client.write(sessions);
      }
    })();
    besideMs.push(await timeLoad(load, signal));
    done = true;
    await writing;
  }
  const allowed = idleMs.map((ms) => 2 * ms + SLACK_MS);
  const row = (id: string, label: string, values: readonly number[]): Measurement => ({
    ...{ id: `writing.${id}`, label, unit: 'ms', result: spreadOf(values), target: null },
  });
  return [
    row('list_p99_idle', '99th percentile of GET /sessions, idle', idleMs),
    row('list_p99', `  while ${CONNECTIONS} connections write batches of 10`, besideMs),
    {
      ...{
        id: 'writing.lists_p99',
        unit: 'times',
        result: ratiosOf(besideMs, allowed),
        target: { atMost: 1 },
      },
      label: `  to twice the idle one and ${SLACK_MS} ms`,
    },
  ];
}
