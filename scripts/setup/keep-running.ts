// Starts a part of the service again whenever it ends by itself, for parts that the service can do without for a while.
import { setTimeout as sleep } from 'node:timers/promises';

export type Part = {
  /** Settles when the part has ended, with one line that says how. */
  exited: Promise<string>;
  stop(force: AbortSignal): Promise<void>;
};

export type KeptSpec = Readonly<{
  /** The part's name in printed lines. */
  name: string;
  /** Starts the part again. Null if it does not run and the reason was printed; a rejection is printed here. */
  start(signal: AbortSignal): Promise<Part | null>;
  /** What helps to find the cause of an end, such as the end of a log. */
  describeEnd(): string;
  say(line: string): void;
  /** Aborts when everything is told to stop. Ctrl-C may end a part before it is this part's turn to be stopped. */
  signal?: AbortSignal;
  delays?: Readonly<{ firstMs: number; longestMs: number }>;
}>;

export type KeptPart = {
  /** Stops the part, also while it starts or waits to start again. It is not started again. */
  stop(force: AbortSignal): Promise<void>;
};

/** Each delay is twice the one before. After a run longer than the longest delay, the first one is next. */
const DELAYS = { firstMs: 1_000, longestMs: 60_000 };

/** Watches a part that runs already. */
export function keepRunning(first: Part, spec: KeptSpec): KeptPart {
  const stopping = new AbortController();
  let running: Part | null = first;
  const signal = AbortSignal.any([stopping.signal, ...(spec.signal ? [spec.signal] : [])]);
  const watching = watch(spec, first, signal, (part) => {
    running = part;
  });
  return {
    async stop(force) {
      stopping.abort();
      await running?.stop(force);
      await watching;
    },
  };
}

async function watch(
  spec: KeptSpec,
  first: Part,
  signal: AbortSignal,
  onChange: (part: Part | null) => void,
): Promise<void> {
  const { name, say, describeEnd, delays = DELAYS } = spec;
  let part: Part | null = first;
  for (let delayMs = delays.firstMs; ; delayMs = Math.min(2 * delayMs, delays.longestMs)) {
    if (signal.aborted && !part) return;
    if (part) {
      const startedAt = performance.now();
      const how = await part.exited;
      onChange(null);
      if (signal.aborted) return;
      say(`${how} without being asked to. ${describeEnd()}`);
      if (performance.now() - startedAt > delays.longestMs) delayMs = delays.firstMs;
    }
    say(`${name}: starting again in ${delayMs / 1000} s …`);
    await sleep(delayMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    part = await startAgain(spec, signal);
    onChange(part);
    if (part && signal.aborted) await part.stop(signal);
  }
}

async function startAgain({ start, say }: KeptSpec, signal: AbortSignal): Promise<Part | null> {
  try {
    return await start(signal);
  } catch (error) {
    if (!signal.aborted) say(error instanceof Error ? error.message : 'unknown');
    return null;
  }
}
