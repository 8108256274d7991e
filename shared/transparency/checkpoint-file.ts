// The checkpoints that this machine has signed, in plain files beside the database: one a log, a line of JSON each. A
// database that is put back to an older copy contradicts them.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isId } from '../audit/ids.ts';

/** A line of the file. */
export type FiledCheckpoint = Readonly<{
  /** Entries. */
  size: number;
  rootHex: string;
  /** The signed note, without cosignatures. */
  note: string;
}>;

/** The files of checkpoints. */
export type CheckpointFile = Readonly<{
  /** The largest of the last checkpoints of a log, of one size the latest; null where there is none. */
  last(accountId: string): Promise<FiledCheckpoint | null>;
  /** The accounts that have a file, in ascending order. */
  accounts(): Promise<string[]>;
  /** Adds a checkpoint. Resolves once it is on the disk. */
  add(accountId: string, checkpoint: FiledCheckpoint & Readonly<{ at: Date }>): Promise<void>;
}>;

const FOLDER = 'checkpoints';
const SUFFIX = '.ndjson';
const LF = 0x0a;

/** More than the longest line, and some thirty of the usual ones. */
const TAIL_BYTES = 16 * 1024;

/** Keeps the files in a folder of `dataDir`. Rejects where they cannot be read or written. */
export function createCheckpointFile(dataDir: string): CheckpointFile {
  const folder = join(dataDir, FOLDER);
  const pathOf = (accountId: string) => {
    if (!isId('account', accountId)) throw new TypeError('Not the id of an account');
    return join(folder, `${accountId}${SUFFIX}`);
  };
  return {
    async last(accountId) {
      const { O_RDONLY, O_NONBLOCK } = constants;
      const file = await open(pathOf(accountId), O_RDONLY | O_NONBLOCK).catch(unlessMissing);
      if (!file) return null;
      try {
        const size = await sizeOf(file);
        const begin = Math.max(0, size - TAIL_BYTES);
        const bytes = Buffer.alloc(size - begin);
        await file.read(bytes, 0, bytes.length, begin);
        return largestWhole(bytes.toString());
      } finally {
        await file.close();
      }
    },
    async accounts() {
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      const ids = names.flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : []));
      return ids.filter((id) => isId('account', id)).sort();
    },
    async add(accountId, { size, rootHex, note, at }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { O_RDWR, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
      const file = await open(pathOf(accountId), O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
      try {
        const end = await sizeOf(file);
        const last = Buffer.alloc(1);
        if (end > 0) await file.read(last, 0, 1, end - 1);
        // A line that a kill cut off stays where it is; what it said was never published.
        const begin = end > 0 && last[0] !== LF ? '\n' : '';
        await file.write(
          `${begin}${JSON.stringify({ size, root_hex: rootHex, at: at.toISOString(), note })}\n`,
        );
        await file.sync();
        // The name of a new file may be missing after a power cut, though its bytes are on the disk.
        if (end === 0) for (const path of [folder, dataDir]) await syncFolder(path);
      } finally {
        await file.close();
      }
    },
  };
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path);
  await folder.sync();
}

/**
 * A pipe would be waited for without end, by one of the few threads that read all files. Of a folder the system says at once
 * that it is one.
 */
async function sizeOf(file: FileHandle): Promise<number> {
  const stats = await file.stat();
  if (!stats.isFile() && !stats.isDirectory()) throw new Error('It is not a regular file');
  return stats.size;
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/**
 * The largest checkpoint of the lines that are whole: of two keepers at work at once, the slower one may write a smaller one behind
 * it. A line without its LF was cut off.
 */
function largestWhole(text: string): FiledCheckpoint | null {
  const found = text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => parseLine(line) ?? []);
  return found.sort((a, b) => a.size - b.size).at(-1) ?? null;
}

function parseLine(line: string): FiledCheckpoint | null {
  try {
    const { size, root_hex: rootHex, note } = JSON.parse(line) as Record<string, unknown>;
    return Number.isSafeInteger(size) && typeof rootHex === 'string'
      ? { size: size as number, rootHex, note: String(note) }
      : null;
  } catch {
    return null;
  }
}
