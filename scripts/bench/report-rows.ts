// The rows of the report section, with the targets of a report.
import { type Measurement, percentileOf, ratiosOf, spreadOf, type Target } from './measurement.ts';

/** The measurements of one log length. A round with several reports gives their median. */
export type ReportFigures = {
  size: number;
  /** Every report. */
  reportsMs: number[];
  /** By round. */
  roundMs: number[];
  readsMs: number[];
  /** Time to read the segments plus time to hash them on one thread; at one length only. */
  oneThreadMs: number[];
  peakMb: number[];
};

/** The length whose report is compared with one thread. */
export const HELD_AGAINST_ONE_THREAD = 100_000;

/** Ten times the entries in ten times the time, and a little for noise. */
const LINEAR = { atMost: 10.5 };
const FLAT_MEMORY = { atMost: 1.2 };
/** On two cores half the hashing and half the reading would be 0.5. */
const TO_ONE_THREAD = { atMost: 0.75 };
/** A typical log's report is mostly round trips: hashing, composing and HTTP may cost as much again. */
const TO_READS = { atMost: 2 };
const USUAL = 100;

export function presentReports(figures: readonly ReportFigures[]): Measurement[] {
  const of = (size: number) => figures.find((each) => each.size === size);
  return [
    ...figures.flatMap(presentSize),
    ...presentGrowth(figures),
    ...presentUsual(of(USUAL)),
    ...presentOneThread(of(HELD_AGAINST_ONE_THREAD)),
  ];
}

function presentSize({ size, reportsMs, roundMs, readsMs, peakMb }: ReportFigures): Measurement[] {
  const what = `a report over ${count(size)} entries`;
  const row = (id: string, label: string, unit: Measurement['unit'], result: Measurement['result']) => ({
    id: `reports.${id}_${size}`,
    label,
    unit,
    result,
    target: null,
  });
  const plotted = (series: string) => ({ plotted: { series, size } });
  return [
    { ...row('p50', what, 'ms', spreadOf(reportsMs)), ...plotted('the report over HTTP') },
    row('p99', `  99th percentile of ${reportsMs.length}`, 'ms', spreadOf([percentileOf(reportsMs, 99)])),
    {
      ...row('database', '  its database reads alone, one after the other', 'ms', spreadOf(readsMs)),
      ...plotted('its database reads alone'),
    },
    row('share', '  the database’s share', 'times', ratiosOf(readsMs, roundMs)),
    ...(peakMb.length > 0 ? [row('peak', '  peak memory of the API', 'MB', spreadOf(peakMb))] : []),
  ];
}

/** Compares the two longest logs. The targets apply only where the longest has a million entries. */
function presentGrowth(figures: readonly ReportFigures[]): Measurement[] {
  const [short, long] = figures.slice(-2);
  if (!short || !long) return [];
  const held = long.size === 1_000_000;
  const label = (what: string) => `${what} of ${count(long.size)} entries to ${count(short.size)}`;
  const row = (id: string, what: string, result: Measurement['result'], target: Target): Measurement => ({
    id: `reports.${id}`,
    label: label(what),
    unit: 'times',
    result,
    target: held ? target : null,
  });
  return [
    row('linear', 'time', ratiosOf(long.roundMs, short.roundMs), LINEAR),
    ...(long.peakMb.length > 0
      ? [row('flat', 'peak memory', ratiosOf(long.peakMb, short.peakMb), FLAT_MEMORY)]
      : []),
  ];
}

function presentUsual(usual: ReportFigures | undefined): Measurement[] {
  if (!usual) return [];
  const result = ratiosOf(usual.roundMs, usual.readsMs);
  const label = `a report over ${count(usual.size)} entries to its database reads`;
  return [{ id: 'reports.to_reads', label, unit: 'times', result, target: TO_READS }];
}

function presentOneThread(figures: ReportFigures | undefined): Measurement[] {
  if (!figures || figures.oneThreadMs.length === 0) return [];
  const { size, roundMs, oneThreadMs } = figures;
  return [
    {
      id: 'reports.one_thread',
      label: `reading ${count(size)} entries, then hashing them on one thread`,
      unit: 'ms',
      result: spreadOf(oneThreadMs),
      target: null,
    },
    {
      id: 'reports.to_one_thread',
      label: 'the report to that',
      unit: 'times',
      result: ratiosOf(roundMs, oneThreadMs),
      target: TO_ONE_THREAD,
    },
  ];
}

export function count(size: number): string {
  return size.toLocaleString('en-US');
}
