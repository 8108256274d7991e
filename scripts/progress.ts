// Progress of long work on stderr: a bar on a terminal, a plain line now and then elsewhere.
import { Presets, SingleBar } from 'cli-progress';

export type Progress = Readonly<{ add(count: number): void; stop(): void }>;

const LINE_EVERY_MS = 5_000;

/** `total` and what is added are in `unit`s. */
export function startProgress(label: string, total: number, unit: string): Progress {
  return process.stderr.isTTY ? startBar(label, total, unit) : startLines(label, total, unit);
}

function startBar(label: string, total: number, unit: string): Progress {
  const format = `${label} [{bar}] {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.legacy);
  bar.start(total, 0);
  return { add: (count) => bar.increment(count), stop: () => bar.stop() };
}

function startLines(label: string, total: number, unit: string): Progress {
  let done = 0;
  let saidAt = Date.now();
  return {
    add(count) {
      done += count;
      if (Date.now() - saidAt < LINE_EVERY_MS) return;
      saidAt = Date.now();
      console.error(`${label}: ${done} of ${total} ${unit}`);
    },
    stop() {},
  };
}
