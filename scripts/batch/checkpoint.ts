// Keeps the progress of a long command in DATA_DIR, so that the same command given again goes on from there. Two copies
// of a command may run at once: work done twice gives the same result.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../shared/process/owned-file.ts';

const stored = z.object({ after: z.string(), tally: z.record(z.string(), z.int().nonnegative()) });

export type Progressed = z.infer<typeof stored>;

export type Checkpoint = Readonly<{
  file: string;
  /** The progress of the last run of the same command, if that run was stopped; null otherwise. */
  found: Progressed | null;
  write(progressed: Progressed): Promise<void>;
  remove(): Promise<void>;
}>;

/** `options` decide which sessions the command visits and what it does to them. Other options have another file. */
export function openCheckpoint(dataDir: string, command: string, options: object): Checkpoint {
  const digest = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 16);
  const file = join(dataDir, `${command}-${digest}.json`);
  return {
    file,
    found: read(file),
    async write(progressed) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, `${JSON.stringify(progressed)}\n`);
    },
    remove: () => rm(file, { force: true }),
  };
}

/** Null if the file is missing or damaged: the command then starts at the beginning. */
function read(file: string): Progressed | null {
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
