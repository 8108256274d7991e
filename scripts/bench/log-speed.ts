// Measures the account log: appending closed sessions, a proof by the size of the log, and what evidence adds to a report.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { newId } from '../../shared/audit/ids.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import { createReportSigner } from '../../shared/reports/report-signer.ts';
import { createRecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { openCheckpointMemory } from '../../shared/transparency/checkpoint-memory.ts';
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { createLogReader } from '../../shared/transparency/log-reader.ts';
import { openSigning, type Signing, type SigningSettings } from '../../shared/transparency/open-signing.ts';
import { SIGN_NOTHING } from '../../shared/transparency/statement-signer.ts';
import { type AccountLogs, openAccountLogs } from '../../workers/account-log/open-keeper.ts';
import { createReportPool, issueSession, issueWide, type WideOrder } from '../../workers/reports/pool.ts';
import { createBenchAccount } from './bench-account.ts';
import { type BenchDatabase, openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, ratiosOf, spreadOf, timeInRounds } from './measurement.ts';
import { SAMPLE_KEY } from './sample-log.ts';
import { storeAccountLog } from './stored-account-log.ts';
import { storeLog } from './stored-log.ts';
import { storeWindow } from './stored-window.ts';

export type LogRounds = Readonly<{
  appends: number;
  sessions: number;
  /** Entries of the short and of the long account log. */
  short: number;
  long: number;
  proofs: number;
  /** Entries of the sessions that are reported on. */
  reported: readonly number[];
  reports: number;
  /** Sessions that are reported on together, each of `WINDOW_ENTRIES`, and how often. */
  window: number;
  windowReports: number;
}>;

const APPENDS_TARGET = 2_000;
const READS_TARGET = 10;
const PROOF_TARGET = 1.5;
const REPORT_TARGET = 1.1;
const WINDOW_ENTRIES = 40;
const BENCH_USER = { id: 'usr_bench', name: 'bench' };

export async function measureAccountLog(rounds: LogRounds, context: BenchContext): Promise<Measurement[]> {
  const database = await openBeside(await context.database(), context.resources);
  const { privateKey } = generateKeyPairSync('ed25519');
  const settings: SigningSettings = {
    origin: 'bench.example.org',
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    previousPem: null,
    retiredPublicKeys: [],
  };
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-bench-'));
  context.resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const bench = { ...context, database, settings, signing: openSigning(settings), dataDir };
  return [
    ...(await measureAppends(rounds, bench)),
    ...(await measureProofs(rounds, bench)),
    ...(await measureReports(rounds, bench)),
  ];
}

type Bench = BenchContext extends infer Context
  ? Omit<Context, 'database'> &
      Readonly<{ database: BenchDatabase; settings: SigningSettings; signing: Signing; dataDir: string }>
  : never;

function openLogs({ database: { db }, signing, dataDir }: Bench): AccountLogs {
  const sessions = createSessionRepository(db);
  const quiet = { info() {}, warn() {}, error() {} };
  return openAccountLogs(
    db,
    { auditKeys: [SAMPLE_KEY], dataDir, witnesses: [] },
    {
      ...signing,
      // Sealed sessions are taken up by their seals.
      pool: { verifySession: () => Promise.reject(new Error('A seal did not match')) },
      recordOutcome: createRecordOutcome({ sessions, log: quiet, countFailed() {} }),
      log: quiet,
    },
  );
}

async function measureAppends({ appends, sessions }: LogRounds, bench: Bench): Promise<Measurement[]> {
  const { database, say, signal } = bench;
  const logs = openLogs(bench);
  const rates: number[] = [];
  const inserts: number[] = [];
  for (let round = 0; round < appends; round += 1) {
    say(`The account log: appending ${sessions} closed sessions …`);
    const account = await createBenchAccount(database.db);
    await storeWindow(database.db, sessions, 1, signal, account);
    const begin = performance.now();
    const { appended } = await logs.keep(account.accountId, signal);
    const seconds = (performance.now() - begin) / 1000;
    // Its policy has an entry too.
    if (appended !== sessions + 1) throw new Error(`${appended} entries were appended`);
    rates.push(appended / seconds);
    inserts.push((await timeInserts(database, sessions)) / seconds);
  }
  return [
    {
      ...{ id: 'log.append', label: `closed sessions appended, of ${sessions}, signed`, unit: 'entries/s' },
      ...{ result: spreadOf(rates), target: { atLeast: APPENDS_TARGET } },
    },
    {
      ...{ id: 'log.append_to_insert', label: '  one plain insertion each, to it', unit: 'times' },
      ...{ result: spreadOf(inserts), target: null },
    },
  ];
}

/** Seconds in which the server inserts as many small rows, many at once. */
async function timeInserts({ db }: BenchDatabase, count: number): Promise<number> {
  const rows = Array.from({ length: count }, () => ({ _id: newId('event'), text: 'x'.repeat(600) }));
  const begin = performance.now();
  await db.collection<{ _id: string; text: string }>('bench_rows').insertMany(rows);
  return (performance.now() - begin) / 1000;
}

async function measureProofs({ short, long, proofs }: LogRounds, bench: Bench): Promise<Measurement[]> {
  const { database, signing, say, signal } = bench;
  const logs = openLogs(bench);
  const accounts = { short: newId('account'), long: newId('account') };
  say(`The account log: storing logs of ${short} and of ${long} entries …`);
  for (const [name, size] of [
    ['short', short],
    ['long', long],
  ] as const) {
    await storeAccountLog(database.db, signing, accounts[name], size, signal);
    const { failed } = await logs.keep(accounts[name], signal);
    if (failed !== null) throw new Error(failed);
  }
  say('The account log: proving entries …');
  const client = new MongoClient(database.uri, { monitorCommands: true });
  bench.resources.defer(() => client.close());
  let read = 0;
  client.on('commandSucceeded', ({ reply }) => {
    const { cursor } = reply as { cursor?: { firstBatch?: unknown[] } };
    read += cursor?.firstBatch?.length ?? 0;
  });
  const reader = createLogReader(client.db(database.name), signing.identity);
  const reads: number[] = [];
  const prove = async (accountId: string, size: number) => {
    read = 0;
    const index = Math.floor(Math.random() * size);
    if (!(await reader.entry(accountId, index))) throw new Error('An entry has no proof');
    reads.push(read);
  };
  const tasks = {
    short: () => prove(accounts.short, short),
    long: () => prove(accounts.long, long),
  };
  await timeInRounds(tasks, proofs, signal);
  reads.length = 0;
  const seconds = await timeInRounds(tasks, proofs, signal);
  const ms = (values: readonly number[]) => spreadOf(values.map((value) => value * 1000));
  return [
    {
      ...{ id: 'log.proof_short', label: `a proof from a log of ${short} entries`, unit: 'ms' },
      ...{ result: ms(seconds.short), target: null },
    },
    {
      ...{ id: 'log.proof_long', label: `a proof from a log of ${long}`, unit: 'ms' },
      ...{ result: ms(seconds.long), target: null },
    },
    {
      ...{ id: 'log.proof_long_to_short', label: '  to the one before', unit: 'times' },
      ...{ result: ratiosOf(seconds.long, seconds.short), target: { atMost: PROOF_TARGET } },
    },
    {
      ...{ id: 'log.proof_reads', label: '  read for a proof', unit: 'documents' },
      ...{ result: spreadOf(reads), target: { atMost: READS_TARGET } },
    },
  ];
}

async function measureReports(
  { reported, reports, window, windowReports }: LogRounds,
  bench: Bench,
): Promise<Measurement[]> {
  const { database, say, signal } = bench;
  const { db } = database;
  const logs = openLogs(bench);
  const account = await createBenchAccount(db);
  const [with_, without] = [await openIssuer(bench, true), await openIssuer(bench, false)];
  const rows: Measurement[] = [];
  const measure = async (
    id: string,
    on: string,
    rounds: number,
    issue: (deps: Issuer) => Promise<unknown>,
  ) => {
    const tasks = { with: () => issue(with_), without: () => issue(without) };
    // As many warm up: threads and server compile what runs often, and the reports with evidence run more.
    await timeInRounds(tasks, rounds, signal);
    const seconds = await timeInRounds(tasks, rounds, signal);
    await db.collection('reports').deleteMany({});
    rows.push({
      ...{ id: `log.report_${id}`, label: `a report with evidence on ${on}, to one without`, unit: 'times' },
      ...{ result: ratiosOf(seconds.with, seconds.without), target: { atMost: REPORT_TARGET } },
    });
  };
  for (const size of reported) {
    say(`The account log: reports on ${size} entries with evidence and without …`);
    const { accountId, sessionId } = await storeLog(db, size, signal, account);
    await logs.keep(accountId, signal);
    const order = { accountId, sessionId, baaChainText: null, format: 'json', issuedTo: BENCH_USER } as const;
    const wait = { userId: newId('user'), place: null, signal };
    await measure(`${size}`, `${size} entries`, reports, (deps) => issueSession(deps, order, wait));
  }
  say(`The account log: reports on ${window} sessions with evidence and without …`);
  const { accountId } = account;
  await storeWindow(db, window, WINDOW_ENTRIES, signal, account);
  await logs.keep(accountId, signal);
  const day = { since: new Date(Date.now() - DAY_MS), until: new Date(), tz: 'UTC', period: null };
  const order: WideOrder = {
    ...{ accountId, subject: { scope: 'account', window: day }, exceptions: 'refuse', format: 'json' },
    ...{ baaChainText: null, issuedTo: BENCH_USER, sessionsLimit: window + reported.length },
  };
  await measure(`window_${window}`, `${window} sessions`, windowReports, (deps) =>
    issueWide(deps, order, { place: null, signal }),
  );
  return rows;
}

type Issuer = Awaited<ReturnType<typeof openIssuer>>;

/** What reports are issued with, in a deployment with account logs or without. */
async function openIssuer({ database, settings, signing, dataDir, resources }: Bench, withLog: boolean) {
  const { db, uri, name } = database;
  const config = {
    ...{ mongodbDb: name, auditKeys: [SAMPLE_KEY], reportThreads: 2, reportQueueLimit: 8 },
    signing: withLog ? settings : null,
  };
  const pool = await createReportPool({ mongodbUri: uri, config });
  resources.defer(() => pool.close());
  const quiet = { error() {}, info() {} };
  const sessions = createSessionRepository(db);
  const memory = openCheckpointMemory(database.db, signing.identity, dataDir);
  return {
    ...{ pool, ledger: createReportLedger(db) },
    recordOutcome: createRecordOutcome({ sessions, log: quiet, countFailed() {} }),
    signStatement: withLog ? createReportSigner(signing, createLogHeads(db), memory) : SIGN_NOTHING,
    checkpointMemory: withLog ? memory : null,
  };
}
