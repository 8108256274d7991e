// Keeps the progress of a long command in DATA_DIR, so that the same command given again goes on from there. Two copies
// of a command may run at once: work done twice gives the same result.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../shared/process/owned-file.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';

const stored = z.object({
  after: z.string(),
  /** When the first of the runs began that went on from one another, and when the last of them wrote this. */
  begun_at: z.iso.datetime(),
  written_at: z.iso.datetime(),
  tally: z.record(z.string(), z.int().nonnegative()),
});

export type Progressed = z.infer<typeof stored>;

export type Checkpoint = Readonly<{
  file: string;
  /** The progress of the earlier runs of the same command, if the last was stopped; null otherwise. */
  found: Progressed | null;
  write(progressed: Progressed): Promise<void>;
  remove(): Promise<void>;
}>;

/**
 * `options` decide which sessions the command visits and what it does to them. Other options have another file. Progress
 * that was written longer ago than `keptMs` is not found.
 */
export function openCheckpoint(
  dataDir: string,
  command: string,
  options: object,
  keptMs = Number.POSITIVE_INFINITY,
): Checkpoint {
  const digest = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 16);
  const file = join(dataDir, `${command}-${digest}.json`);
  removeLeftovers(file);
  return {
    file,
    found: read(file, keptMs),
    async write(progressed) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, `${JSON.stringify(progressed)}\n`);
    },
    remove: () => rm(file, { force: true }),
  };
}

/** Null if the file is missing, damaged or too old: the command then starts at the beginning. */
function read(file: string, keptMs: number): Progressed | null {
  try {
    const found = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
    return Date.now() - Date.parse(found.written_at) > keptMs ? null : found;
  } catch {
    return null;
  }
}

/** What a kill in the middle of a write left. A copy of the command that runs now writes its own in less than a minute. */
function removeLeftovers(file: string): void {
  const begin = `${basename(file)}.`;
  try {
    for (const name of readdirSync(dirname(file))) {
      const path = join(dirname(file), name);
      const isLeftover = name.startsWith(begin) && /^\d+$/.test(name.slice(begin.length));
      if (isLeftover && Date.now() - statSync(path).mtimeMs > MINUTE_MS) rmSync(path, { force: true });
    }
  } catch {
    // The folder is not there yet, or another copy was first: the next run looks again.
  }
}
