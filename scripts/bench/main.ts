// `npm run bench`: says where the program stands. It measures; a missed target is a result, not an error.
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createReleaseList, onShutdownSignal } from '../../shared/release.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from '../command.ts';
import { openBenchDatabase } from './bench-database.ts';
import { measureHashSpeed } from './hash-speed.ts';
import { describeMachine, nameMachine } from './machine.ts';
import { isMet, type Measurement } from './measurement.ts';
import { measurePdf, type PdfRounds } from './pdf-speed.ts';
import { measureReportMemory } from './report-memory.ts';
import { formatTable } from './table.ts';

const USAGE = `usage: npm run bench [-- --quick] [-- --json FILE]

Measures, beside their targets:
  - checking and hashing stored entries in memory, on one thread: ours, the obvious way, and the hash calls alone
  - peak memory of a report's walk over a long log against a short one, through the pool and a MongoDB: the one that
    MONGODB_URI names or npm start runs, else one started for it
  - PDFs, where there is a Chromium: what a warm one saves, four at once, lists meanwhile, many in a row

  --quick        fewer rounds
  --json FILE    writes the results to a file as well

exit: 0 measured, whether or not the targets were met, 1 an error, 64 usage`;

const OPTIONS = { quick: { type: 'boolean' }, json: { type: 'string' } } as const;

type Rounds = Readonly<{ hash: number; memory: number; pdf: PdfRounds }>;
const ROUNDS: Readonly<Record<'full' | 'quick', Rounds>> = {
  full: {
    hash: 31,
    memory: 5,
    pdf: { launches: 7, fours: 7, lists: { rounds: 3, requests: 1000 }, inARow: 200 },
  },
  quick: {
    hash: 7,
    memory: 2,
    pdf: { launches: 3, fours: 3, lists: { rounds: 3, requests: 150 }, inARow: 20 },
  },
};
const STOP_TIMEOUT_MS = 20_000;

async function bench(quick: boolean, jsonFile: string | null): Promise<ExitCode> {
  // Better now than after minutes of measuring.
  if (jsonFile !== null) await assertWritable(dirname(jsonFile));
  const rounds = quick ? ROUNDS.quick : ROUNDS.full;
  const machine = describeMachine();
  const startedAt = new Date();
  say(nameMachine(machine));

  const measurements = await measure(rounds);

  console.log(`\n${nameMachine(machine)}\n\n${formatTable(measurements)}`);
  if (jsonFile !== null) {
    const results = measurements.map((each) => ({ ...each, met: isMet(each) }));
    const report = { started_at: startedAt.toISOString(), machine, rounds, results };
    await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  }
  return EXIT.done;
}

async function measure(rounds: Rounds): Promise<Measurement[]> {
  const stopping = new AbortController();
  const { signal } = stopping;
  onShutdownSignal((reason) => stopping.abort(new Error(`Stopped (${reason})`)));
  const resources = createReleaseList();
  try {
    say(`Hashing in memory, ${rounds.hash} rounds …`);
    const speed = await measureHashSpeed(rounds.hash, signal);
    const database = await openBenchDatabase({ resources, say, signal });
    const context = { database, resources, say, signal };
    const memory = await measureReportMemory(rounds.memory, context);
    const pdf = await measurePdf(rounds.pdf, context);
    return [...speed, ...memory, ...pdf];
  } finally {
    await resources.release(STOP_TIMEOUT_MS);
  }
}

async function assertWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch(() => {
    throw new Error(`The folder ${folder} cannot be written to: name a file in another by --json`);
  });
}

/** Progress goes where it does not mix with the results. */
function say(line: string): void {
  console.error(line);
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (positionals.length > 0) throw new UsageError('npm run bench takes options only.');
    return await bench(values.quick === true, values.json ?? null);
  });
}
