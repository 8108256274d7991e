// Peak memory of a report's walk over a long log against a short one, each in a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { BenchDatabase } from './bench-database.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import { type StoredLog, storeLog } from './stored-log.ts';
import type { WalkedReport, WalkRequest } from './walk-report.ts';

/** The long log's peak to the short one's, at most. */
const RATIO_TARGET = 1.3;

type Context = Readonly<{ database: BenchDatabase; say: (line: string) => void; signal: AbortSignal }>;

export type MemoryRounds = Readonly<{
  rounds: number;
  /** Entries. */
  short: number;
  long: number;
}>;

export async function measureReportMemory(
  { rounds, ...sizes }: MemoryRounds,
  context: Context,
): Promise<Measurement[]> {
  const { database, say, signal } = context;
  say(`Writing logs of ${sizes.short} and ${sizes.long} entries …`);
  const short = await storeLog(database.db, sizes.short, signal);
  const long = await storeLog(database.db, sizes.long, signal);

  const peaks = { short: [] as number[], long: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    say(`Walking both, round ${round + 1} of ${rounds} …`);
    peaks.short.push(await walkInProcess(database, short, signal));
    peaks.long.push(await walkInProcess(database, long, signal));
  }
  const peak = (name: keyof typeof peaks): Measurement => ({
    id: `memory.${name}`,
    label: `peak memory of a report's walk over ${sizes[name].toLocaleString('en-US')} entries`,
    unit: 'MB',
    result: spreadOf(peaks[name].map((bytes) => bytes / 1e6)),
    target: null,
  });
  const ratio: Measurement = {
    id: 'memory.long_to_short',
    label: 'the longer to the shorter',
    unit: 'times',
    result: spreadOf(peaks.long.map((bytes, round) => bytes / (peaks.short[round] as number))),
    target: { atMost: RATIO_TARGET },
  };
  return [peak('short'), peak('long'), ratio];
}

/** Peak resident memory in bytes. */
async function walkInProcess(
  { uri, name }: BenchDatabase,
  log: StoredLog,
  signal: AbortSignal,
): Promise<number> {
  const child = fork(new URL('./walk-report.ts', import.meta.url), { signal });
  const exited = once(child, 'exit', { signal });
  const request: WalkRequest = { ...log, mongodbUri: uri, mongodbDb: name };
  child.send(request);
  let walked: WalkedReport | null = null;
  child.on('message', (message) => {
    walked = message as WalkedReport;
  });
  const [code] = await exited;
  if (code !== 0 || walked === null) throw new Error('A walk failed: its output above says why');
  return (walked as WalkedReport).peakBytes;
}
