// The benchmark's sections in the order they run: those that only compute, then those that fill a database.
import { measureConsole } from './console-speed.ts';
import type { BenchContext } from './context.ts';
import { measureHashSpeed } from './hash-speed.ts';
import { measureReportJobs } from './job-speed.ts';
import { measureListPages } from './list-pages.ts';
import { measureLoad } from './load-speed.ts';
import { measureAccountLog } from './log-speed.ts';
import type { Measurement } from './measurement.ts';
import { measureOpenssl } from './openssl-speed.ts';
import { measurePacked } from './packed-speed.ts';
import { measurePdf } from './pdf-speed.ts';
import { measurePipeline } from './pipeline-speed.ts';
import { measureReportMemory } from './report-memory.ts';
import { measureReports } from './report-speed.ts';
import { measureThreadSpeed } from './thread-speed.ts';
import { measureTreeSpeed } from './tree-speed.ts';
import { measureTurns } from './turn-speed.ts';
import { measureWindows } from './window-speed.ts';
import { measureWriting } from './writing-speed.ts';

type Section = Readonly<{
  name: string;
  /** A line of the usage. */
  about: string;
  measure(quick: boolean, context: BenchContext): Promise<Measurement[]>;
}>;

/** Bytes of a typical entry. */
const ENTRY_BYTES = 473;

export const SECTIONS = [
  {
    name: 'hash',
    about:
      'checking and hashing stored entries in memory: ours, the obvious ways, the hash calls alone, OpenSSL',
    async measure(quick, { say, signal }) {
      say('Hashing in memory …');
      const speed = await measureHashSpeed(
        quick ? { entries: 10_340, rounds: 5 } : { entries: 25_700, rounds: 31 },
        signal,
      );
      return [...speed, ...(await measureOpenssl(ENTRY_BYTES, say, signal))];
    },
  },
  {
    name: 'threads',
    about: 'checking and hashing in memory on all cores against one',
    measure: (quick, { signal }) =>
      measureThreadSpeed(quick ? { entries: 25_600, rounds: 5 } : { entries: 25_600, rounds: 41 }, signal),
  },
  {
    name: 'trees',
    about: 'Merkle trees alone against two packages',
    measure: (quick, { signal }) => measureTreeSpeed(quick ? 2 : 5, signal),
  },
  {
    name: 'memory',
    about: 'peak memory of a report’s walk over a long log against a short one',
    measure: async (quick, context) =>
      measureReportMemory(
        quick ? { rounds: 1, short: 3_000, long: 30_000 } : { rounds: 5, short: 20_000, long: 200_000 },
        { ...context, database: await context.database() },
      ),
  },
  {
    name: 'turns',
    about: 'the wait of a small report behind large ones, and until cancelled ones have freed the threads',
    measure: (quick, context) =>
      measureTurns(quick ? { rounds: 3, large: 30_000 } : { rounds: 21, large: 100_000 }, context),
  },
  {
    name: 'reports',
    about: 'JSON reports over HTTP by log length, against the database’s reads and against one thread',
    measure: (quick, context) =>
      measureReports(
        quick
          ? { warmUps: 1, rounds: 2, memoryRounds: 0, memoryOf: 0, longest: 10_000 }
          : { warmUps: 12, rounds: 15, memoryRounds: 3, memoryOf: 7, longest: 1_000_000 },
        context,
      ),
  },
  {
    name: 'packed',
    about: 'packed segments against arrays of entries: reports, memory, appends, bytes',
    measure: (quick, context) =>
      measurePacked(
        quick
          ? { warmUps: 1, rounds: 3, sizes: [100, 10_000], memoryRounds: 0, appends: 1, weighed: 20_000 }
          : {
              ...{ warmUps: 8, rounds: 11, sizes: [100, 100_000, 1_000_000] },
              ...{ memoryRounds: 3, appends: 9, weighed: 100_000 },
            },
        context,
      ),
  },
  {
    name: 'windows',
    about: 'a report over many short logs against one long log, and against a report for each',
    measure: (quick, context) =>
      measureWindows(
        quick
          ? { warmUps: 1, rounds: 3, sessions: 500, entries: 40, single: 50, memoryRounds: 0, lists: 50 }
          : {
              ...{ warmUps: 3, rounds: 7, sessions: 10_000, entries: 40 },
              ...{ single: 200, memoryRounds: 2, lists: 200 },
            },
        context,
      ),
  },
  {
    name: 'background',
    about: 'reports over windows in the background: progress, memory, cancelling; needs a Redis',
    measure: (quick, context) =>
      measureReportJobs(
        quick
          ? { rounds: 1, few: 2_000, many: 10_000, entries: 40, cancelled: 5 }
          : { rounds: 3, few: 10_000, many: 50_000, entries: 40, cancelled: 15 },
        context,
      ),
  },
  {
    name: 'log',
    about: 'the account log: appending closed sessions, proofs by its size, what evidence adds to a report',
    measure: (quick, context) =>
      measureAccountLog(
        quick
          ? {
              appends: 1,
              sessions: 2_000,
              short: 100,
              long: 66_000,
              proofs: 20,
              reported: [100],
              reports: 10,
              window: 500,
              windowReports: 3,
            }
          : {
              ...{ appends: 3, sessions: 10_000, short: 100, long: 1_000_000, proofs: 301 },
              ...{ reported: [10, 100, 10_000], reports: 151, window: 10_000, windowReports: 9 },
            },
        context,
      ),
  },
  {
    name: 'writing',
    about: 'sessions written over HTTP by batch, against inserts of the same entries; lists meanwhile',
    measure: (quick, context) =>
      measureWriting(
        quick ? { rounds: 2, requests: 3, lists: 50 } : { rounds: 9, requests: 20, lists: 250 },
        context,
      ),
  },
  {
    name: 'console',
    about: 'pages of the console against the answers of the API that they show, and in a browser',
    measure: (quick, context) =>
      measureConsole(
        quick
          ? { warmUps: 2, rounds: 5, sessions: 100, long: 20_000, browserRounds: 1 }
          : { warmUps: 10, rounds: 31, sessions: 1_000, long: 20_000, browserRounds: 5 },
        context,
      ),
  },
  {
    name: 'lists',
    about: 'the first and a deep page of sessions, by the number of sessions; appends by log length',
    measure: (quick, context) =>
      measureListPages(
        quick
          ? { rounds: 5, most: 1_000, appends: 15, longSegments: 40 }
          : { rounds: 11, most: 100_000, appends: 101, longSegments: 391 },
        context,
      ),
  },
  {
    name: 'load',
    about: 'GET /sessions and the event loop while reports run, on threads and hashed on the event loop',
    measure: (quick, context) =>
      measureLoad(
        quick
          ? { entries: 50_000, warmUps: 3, rounds: 2, lists: 30 }
          : { entries: 100_000, warmUps: 10, rounds: 7, lists: 250 },
        context,
      ),
  },
  {
    name: 'pipeline',
    about: 'incremental counts, backfill against a naive script, a sweep of many sessions; needs a Redis',
    measure: (quick, context) =>
      measurePipeline(
        quick
          ? { rounds: 5, longSegments: 40, backfills: 1, logs: 13, dirty: 1_500 }
          : { rounds: 41, longSegments: 391, backfills: 5, logs: 30, dirty: 10_000 },
        context,
      ),
  },
  {
    name: 'pdf',
    about: 'PDFs: what a warm Chromium saves, four at once, lists meanwhile, many in a row; needs a Chromium',
    measure: async (quick, context) =>
      measurePdf(
        quick
          ? { warmUps: 1, launches: 1, fours: 2, lists: { rounds: 1, requests: 25 }, inARow: 2 }
          : { warmUps: 20, launches: 7, fours: 7, lists: { rounds: 3, requests: 1000 }, inARow: 200 },
        { ...context, database: await context.database() },
      ),
  },
] as const satisfies readonly Section[];

export type SectionName = (typeof SECTIONS)[number]['name'];
export const SECTION_NAMES: readonly SectionName[] = SECTIONS.map(({ name }) => name);
