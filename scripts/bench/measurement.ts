// The result of a benchmark: a row per measured value, with its target where it has one.
import { setImmediate } from 'node:timers/promises';

export type Spread = Readonly<{ median: number; min: number; max: number }>;

/** The limit for the median. */
export type Target = Readonly<{ atLeast: number } | { atMost: number }>;

export type Measurement = Readonly<{
  /** Stable name for programs that read the JSON. */
  id: string;
  label: string;
  unit: 'entries/s' | 'sessions/s' | 'jobs' | 'ms' | 'bytes' | 'MB' | 'times' | 'documents';
  result: Spread;
  target: Target | null;
  /** Where it stands in the plot of cost against log length. */
  plotted?: Readonly<{ series: string; size: number }>;
}>;

/** Median, least and greatest of at least one value; of an even number the median is the mean of the middle two. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('Nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]] as [number, number];
  return { median: (low + high) / 2, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** The least value that `percent` of the values do not exceed; of less than a hundred, the 99th is the greatest. */
export function percentileOf(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('Nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)] as number;
}

/** The ratio of two values of each round: the machine was equally busy for both. */
export function ratiosOf(dividends: readonly number[], divisors: readonly number[]): Spread {
  return spreadOf(dividends.map((dividend, round) => dividend / (divisors[round] as number)));
}

/** Null where there is no target. */
export function isMet({ result, target }: Measurement): boolean | null {
  if (target === null) return null;
  return 'atLeast' in target ? result.median >= target.atLeast : result.median <= target.atMost;
}

/**
 * Runs every task once a round, in turn, so that a machine that slows down slows all of them. Returns the seconds of
 * each run by task, in the order of rounds. Rejects between two rounds once the signal has aborted.
 */
export async function timeInRounds<N extends string>(
  tasks: Readonly<Record<N, () => unknown>>,
  rounds: number,
  signal: AbortSignal,
): Promise<Record<N, number[]>> {
  const names = Object.keys(tasks) as N[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<N, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    // Lets a signal handler run.
    await setImmediate();
    signal.throwIfAborted();
    for (const name of names) {
      const begin = performance.now();
      await tasks[name]();
      seconds[name].push((performance.now() - begin) / 1000);
    }
  }
  return seconds;
}
