// The largest checkpoint of each account log that this process has seen, or that its machine has signed. Whoever puts an
// older one back, which is signed as well, makes the log deny what it had: nothing in the database tells.
import type { Db } from 'mongodb';
import { createCheckpointFile } from './checkpoint-file.ts';
import type { LogIdentity } from './log-origin.ts';
import { createLogReader, type LogReader, openCheckpoint, type TrustedCheckpoint } from './log-reader.ts';

/** The checkpoints in DATA_DIR; null for a log that this machine has signed none of. */
export type FiledCheckpoints = Readonly<{
  last(accountId: string): Promise<Readonly<{ note: string }> | null>;
}>;

/** The root (RFC 6962 section 2.1, 32 bytes) over the first `size` entries of a log. */
export type KnownRoot = Readonly<{ size: number; root: Uint8Array }>;

/** Tells checkpoints that are behind. */
export type CheckpointMemory = Readonly<{
  /**
   * The largest checkpoint that is known; null for none. Whatever is read of the log from then on gives its root, unless
   * somebody put an older copy of the log back. Rejects with the system's error where a file cannot be read.
   */
  largest(accountId: string): Promise<KnownRoot | null>;
  /**
   * To be called before the stored checkpoint of a log is read: others may store a larger one meanwhile. The function tells
   * whether the one that was read, null for none, is smaller than one that is known, or another of its size. One that is not
   * is known from then on. It rejects with the driver's error, or with the system's where a file cannot be read.
   */
  expect(accountId: string): (stored: TrustedCheckpoint | null) => Promise<boolean>;
}>;

/** Logs that are remembered at most. */
const KNOWN_LIMIT = 10_000;

/** `dataDir` has the files of a machine that signs checkpoints; on another there are none. */
export function openCheckpointMemory(db: Db, identity: LogIdentity, dataDir: string): CheckpointMemory {
  return createCheckpointMemory(identity, createCheckpointFile(dataDir), createLogReader(db, identity));
}

export function createCheckpointMemory(
  identity: LogIdentity,
  filed: FiledCheckpoints,
  log: Pick<LogReader, 'rootFrom'>,
): CheckpointMemory {
  const seen = new Map<string, KnownRoot>();
  /** By account and sizes: whoever asks meanwhile waits for the same hashes. */
  const hashing = new Map<string, Promise<Uint8Array | null>>();

  function rootAt(accountId: string, size: number, from: number): Promise<Uint8Array | null> {
    const name = `${accountId} ${from} ${size}`;
    const reading =
      hashing.get(name) ?? log.rootFrom(accountId, { from, size }).finally(() => hashing.delete(name));
    hashing.set(name, reading);
    return reading;
  }

  /** Only what a key of the log has signed counts. */
  async function lastFiled(accountId: string): Promise<KnownRoot | null> {
    const last = await filed.last(accountId);
    return last && openCheckpoint(identity, accountId, last.note);
  }

  /**
   * A file has a checkpoint before the database, and longer where its workers were killed between the two. Then the log has
   * the very entries that it covers: only a log that lacks one, or has another in its place, was put back.
   */
  async function isBehindFile(accountId: string, stored: KnownRoot | null): Promise<boolean> {
    const known = await lastFiled(accountId);
    if (!known || !isAhead(known, stored)) return false;
    if (known.size === stored?.size) return true;
    const root = await rootAt(accountId, known.size, stored?.size ?? 0);
    return root === null || Buffer.compare(root, known.root) !== 0;
  }

  return {
    async largest(accountId) {
      const [own = null, inFile] = [seen.get(accountId), await lastFiled(accountId)];
      return inFile && inFile.size > (own?.size ?? 0) ? inFile : own;
    },
    expect(accountId) {
      const known = seen.get(accountId);
      return async (stored) => {
        if (known && isAhead(known, stored)) return true;
        if (await isBehindFile(accountId, stored)) return true;
        if (seen.size >= KNOWN_LIMIT) seen.clear();
        if (stored && stored.size >= (seen.get(accountId)?.size ?? 0)) {
          seen.set(accountId, { size: stored.size, root: stored.root });
        }
        return false;
      };
    },
  };
}

function isAhead({ size, root }: KnownRoot, stored: KnownRoot | null): boolean {
  if (!stored || stored.size < size) return true;
  return stored.size === size && Buffer.compare(stored.root, root) !== 0;
}
