// Shows the progress of long work on stderr: a bar on a terminal, elsewhere a plain line at most every 5 s.
import { Presets, SingleBar } from 'cli-progress';

export type Progress = Readonly<{ add(count: number): void; stop(): void }>;

const LINE_EVERY_MS = 5_000;
/** Work that is done sooner has no bar. */
const BAR_AFTER_MS = 1_000;

/** `total` and the counts passed to `add` are in `unit`. */
export function startProgress(label: string, total: number, unit: string): Progress {
  return process.stderr.isTTY ? startBar(label, total, unit) : startLines(label, total, unit);
}

function startBar(label: string, total: number, unit: string): Progress {
  const format = `${label} [{bar}] {percentage}% | {value}/{total} ${unit} | {rate}/s | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.legacy);
  const rateOf = startRate();
  const showsAt = Date.now() + BAR_AFTER_MS;
  let done = 0;
  return {
    add(count) {
      done += count;
      if (!bar.isActive && Date.now() < showsAt) return;
      if (!bar.isActive) bar.start(total, 0, { rate: 0 });
      bar.update(done, { rate: Math.round(rateOf(done)) });
    },
    stop() {
      if (bar.isActive) bar.stop();
    },
  };
}

function startLines(label: string, total: number, unit: string): Progress {
  const rateOf = startRate();
  let done = 0;
  let saidAt = Date.now();
  return {
    add(count) {
      done += count;
      if (Date.now() - saidAt < LINE_EVERY_MS) return;
      saidAt = Date.now();
      const rate = rateOf(done);
      const left = rate > 0 ? `, ${Math.ceil(Math.max(0, total - done) / rate)} s left` : '';
      console.error(`${label}: ${done} of ${total} ${unit}, ${Math.round(rate)}/s${left}`);
    },
    stop() {},
  };
}

/** Starts a clock. The returned function gives the rate per second since then for the amount done. */
function startRate(): (done: number) => number {
  const startedAt = performance.now();
  return (done) => (done * 1000) / Math.max(1, performance.now() - startedAt);
}
