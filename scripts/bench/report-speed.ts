// Measures a whole JSON report over HTTP by log length: its time, the database's part in it, and its memory.

import { REPORTS } from '../../shared/reports/report-row.ts';
import { type BenchAccount, createBenchAccount } from './bench-account.ts';
import { type BenchApi, startBenchApi } from './bench-api.ts';
import { openBeside } from './bench-database.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import { peakMemoryOf } from './peak-memory.ts';
import { createReportReads, type ReportReads, timeHashing } from './report-reads.ts';
import { count, HELD_AGAINST_ONE_THREAD, presentReports, type ReportFigures } from './report-rows.ts';
import { type StoredLog, storeLog } from './stored-log.ts';

export type ReportRounds = Readonly<{
  /** Rounds before any is timed: the API and the database server compile what runs often, on all threads. */
  warmUps: number;
  rounds: number;
  memoryRounds: number;
  /** How many lengths have their memory measured, counted from the longest. */
  memoryOf: number;
  longest: number;
}>;

const SIZES = [0, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;

/** Reports per round by log length. Short reports are noisier, so there are more of them. */
const perRound = (size: number) => (size <= 100 ? 24 : size <= 1_000 ? 8 : size <= 10_000 ? 3 : 1);

/** Reports a fresh process makes before its peak is read. */
const REPORTS_FOR_MEMORY = 2;

export async function measureReports(
  { warmUps, rounds, memoryRounds, memoryOf, longest }: ReportRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal, resources } = context;
  const database = await openBeside(await context.database(), resources);
  const account = await createBenchAccount(database.db);
  const logs: StoredLog[] = [];
  for (const size of SIZES.filter((size) => size <= longest)) {
    const begin = performance.now();
    logs.push(await storeLog(database.db, size, signal, account));
    if (size >= 10_000) say(`Reports: wrote a log of ${count(size)} entries in ${seconds(begin)} s`);
  }
  if (longest < 1_000_000) say(`Reports: logs of at most ${count(longest)} entries, without a million`);

  const api = { database, cookie: account.cookie, resources, signal };
  const figures = logs.map(
    ({ size }): ReportFigures => ({
      size,
      reportsMs: [],
      roundMs: [],
      readsMs: [],
      oneThreadMs: [],
      peakMb: [],
    }),
  );
  const service = await startBenchApi(api);
  const reads = createReportReads(database.db, account);
  for (let round = -warmUps; round < rounds; round += 1) {
    if (round === -warmUps) say(`Reports: warming up, ${warmUps} rounds …`);
    if (round >= 0 && round % 5 === 0) say(`Reports, round ${round + 1} of ${rounds} …`);
    // Empties the ledger: a server that scans it for the last report would become slower from round to round.
    await database.db.collection(REPORTS).deleteMany({});
    for (const [i, log] of logs.entries()) {
      // The longest logs gain nothing from a warm-up.
      if (round < 0 && log.size > 100_000) continue;
      const measured = await measureRound(log, { service, reads, account });
      if (round >= 0) addRound(figures[i] as ReportFigures, measured);
    }
  }
  await service.stop();
  for (let round = 0; round < memoryRounds; round += 1) {
    say(`Memory of reports, round ${round + 1} of ${memoryRounds} …`);
    for (const [i, log] of logs.entries()) {
      if (i < logs.length - memoryOf) continue;
      const fresh = await startBenchApi(api);
      for (let report = 0; report < REPORTS_FOR_MEMORY; report += 1) await fresh.time(pathOf(log));
      const bytes = peakMemoryOf(fresh.pid);
      if (bytes !== null) figures[i]?.peakMb.push(bytes / 1e6);
      await fresh.stop();
    }
  }
  return presentReports(figures);
}

type Round = { reports: number[]; reads: number[]; oneThread: number | null };

type Measured = Readonly<{ service: BenchApi; reads: ReportReads; account: BenchAccount }>;

async function measureRound(log: StoredLog, { service, reads, account }: Measured): Promise<Round> {
  const { sessionId, size } = log;
  const round: Round = { reports: [], reads: [], oneThread: null };
  for (let i = 0; i < perRound(size); i += 1) {
    round.reports.push(await service.time(pathOf(log)));
    round.reads.push(await reads.time(sessionId));
  }
  if (size === HELD_AGAINST_ONE_THREAD) {
    const read = await reads.timeSegments(sessionId);
    const segments = await reads.collect(sessionId);
    round.oneThread = read + timeHashing(account.agentId, sessionId, segments, size);
  }
  return round;
}

function addRound(figures: ReportFigures, { reports, reads, oneThread }: Round): void {
  figures.reportsMs.push(...reports);
  figures.roundMs.push(spreadOf(reports).median);
  figures.readsMs.push(spreadOf(reads).median);
  if (oneThread !== null) figures.oneThreadMs.push(oneThread);
}

function pathOf({ sessionId }: StoredLog): string {
  return `/api/v1/sessions/${sessionId}/report?format=json`;
}

function seconds(begin: number): string {
  return ((performance.now() - begin) / 1000).toFixed(1);
}
