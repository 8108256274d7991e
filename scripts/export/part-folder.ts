// The folder of an export while it is written. It stands under another name, DIR.part, until it is whole, so a folder with
// the final name is always a whole export. A file beside it, DIR.part.json, says how much of it is on the disk: a run
// that was killed goes on from there.
import { readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../shared/process/owned-file.ts';

const count = z.int().nonnegative();
const stored = z.object({
  accountId: z.string(),
  /** How the account stood when the export began. */
  began: z.record(z.string(), count),
  /** The last session that is on the disk whole; null before the first. */
  after: z.string().nullable(),
  sessionsBytes: count,
  auditBytes: count,
  tally: z.record(z.string(), count),
  /** Lines that say what was not carried as it should be: the first of them, and how many there are. */
  problems: z.array(z.string()),
  problemCount: count,
});

/** How much of an export is on the disk. */
export type Progressed = z.infer<typeof stored>;

/** The folder cannot be written to. The message names it and the remedy. */
export class UnusableFolder extends Error {}

const FILE_MODE = 0o600;

export class PartFolder {
  readonly #dir: string;
  /** How much an earlier run wrote; null where this one is the first. */
  readonly found: Progressed | null;

  private constructor(dir: string, found: Progressed | null) {
    this.#dir = dir;
    this.found = found;
  }

  /** Throws an `UnusableFolder` where an export stands there already, or another account's is being written. */
  static async open(dir: string, accountId: string): Promise<PartFolder> {
    if (await hasFiles(dir)) {
      throw new UnusableFolder(`${dir} is there and not empty: name a folder that is to be made.`);
    }
    const part = `${dir}.part`;
    const found = (await isFolder(part)) ? readProgress(`${part}.json`) : null;
    if (found && found.accountId !== accountId) {
      throw new UnusableFolder(
        `${part} holds a part of an export of ${found.accountId}: finish that one, or remove ${part} and ${part}.json.`,
      );
    }
    // What no progress was noted of is not known to be whole.
    if (!found) await rm(part, { recursive: true, force: true });
    await mkdir(join(part, 'policies'), { recursive: true, mode: 0o700 });
    return new PartFolder(dir, found);
  }

  pathOf(name: string): string {
    return join(`${this.#dir}.part`, name);
  }

  async note(progressed: Progressed): Promise<void> {
    await replaceFile(`${this.#dir}.part.json`, `${JSON.stringify(progressed)}\n`);
  }

  /** Takes away what an earlier run wrote. */
  async empty(): Promise<void> {
    const part = `${this.#dir}.part`;
    await rm(`${part}.json`, { force: true });
    await rm(part, { recursive: true, force: true });
    await mkdir(join(part, 'policies'), { recursive: true, mode: 0o700 });
  }

  /** Gives the folder its final name, once everything in it is on the disk. */
  async finish(): Promise<void> {
    const part = `${this.#dir}.part`;
    for (const folder of [join(part, 'policies'), part]) await syncFolder(folder);
    await rename(part, this.#dir);
    await syncFolder(dirname(this.#dir));
    await rm(`${part}.json`, { force: true });
  }
}

/** A file of lines, written from its first byte or behind those that are on the disk already. */
export class LineFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #held: Uint8Array[] = [];
  #heldLength = 0;
  /** Bytes of the lines so far. */
  bytes: number;

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
  }

  /** `bytes`: how many of an earlier run's to keep. */
  static async open(path: string, bytes = 0): Promise<LineFile> {
    const file = await open(path, bytes === 0 ? 'w' : 'r+', FILE_MODE);
    const { size } = await file.stat();
    if (size < bytes) throw new UnusableFolder(`${path} was cut: remove its folder, and export again.`);
    await file.truncate(bytes);
    return new LineFile(file, bytes);
  }

  async add(line: Uint8Array | string): Promise<void> {
    const bytes = typeof line === 'string' ? Buffer.from(line) : line;
    this.#held.push(bytes, LINE_END);
    this.#heldLength += bytes.length + 1;
    if (this.#heldLength >= HELD_AT_MOST) await this.#write();
  }

  /** Resolves when every line is on the disk. */
  async sync(): Promise<void> {
    await this.#write();
    await this.#file.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldLength = 0;
    for (let at = 0; at < held.length; ) {
      const { bytesWritten } = await this.#file.write(held, at, held.length - at, this.bytes);
      at += bytesWritten;
      this.bytes += bytesWritten;
    }
  }
}

const LINE_END = Buffer.from('\n');
const HELD_AT_MOST = 1024 * 1024;

/** Writes a whole file. */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<number> {
  await using file = await LineFile.open(path);
  let count = 0;
  for await (const line of lines) {
    await file.add(line);
    count += 1;
  }
  await file.sync();
  return count;
}

function readProgress(path: string): Progressed | null {
  try {
    return stored.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

async function hasFiles(dir: string): Promise<boolean> {
  return readdir(dir).then(
    (names) => names.length > 0,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new UnusableFolder(`${dir} cannot be read (${error.code}): name a folder that is to be made.`);
    },
  );
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path);
  await folder.sync();
}
