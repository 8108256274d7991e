// Measurements as a table for a terminal.
import { isMet, type Measurement, type Target } from './measurement.ts';

const FORMATS: Record<Measurement['unit'], (value: number) => string> = {
  'entries/s': (value) => `${Math.round(value).toLocaleString('en-US')}/s`,
  'sessions/s': (value) => `${Math.round(value).toLocaleString('en-US')}/s`,
  documents: (value) => value.toFixed(0),
  jobs: (value) => Math.round(value).toLocaleString('en-US'),
  ms: (value) => `${value.toFixed(1)} ms`,
  bytes: (value) => `${value.toFixed(1)} B`,
  MB: (value) => `${value.toFixed(1)} MB`,
  times: (value) => `${value.toFixed(2)} ×`,
};

const HEAD = ['', 'median', 'min – max', 'target', ''];

/** Aligns columns, numbers to the right. Shows the target beside its result, and whether it was met. */
export function formatTable(measurements: readonly Measurement[]): string {
  const rows = [HEAD, ...measurements.map(formatRow)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === HEAD.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      }),
    )
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

function formatRow(measurement: Measurement): string[] {
  const { label, unit, result, target } = measurement;
  const format = FORMATS[unit];
  const met = isMet(measurement);
  return [
    label,
    format(result.median),
    `${format(result.min)} – ${format(result.max)}`,
    target === null ? '' : formatTarget(target, format),
    met === null ? '' : met ? 'met' : 'NOT MET',
  ];
}

function formatTarget(target: Target, format: (value: number) => string): string {
  return 'atLeast' in target ? `≥ ${format(target.atLeast)}` : `≤ ${format(target.atMost)}`;
}
