// The checkpoints of an account log that this process knows of: the last in the database, the last that this machine has
// signed, and one that another process found the log to contradict. That one is in the mark it left: the machine that signed it
// may be the only one with a file of it.
import type { AccountLogHead } from '../../shared/transparency/log-heads.ts';
import { openCheckpoint } from '../../shared/transparency/log-reader.ts';
import type { KeeperDeps } from './keeper-deps.ts';

export type KnownCheckpoint = Readonly<{
  /** Entries. */
  size: number;
  rootHex: string;
  /** The signed note. */
  note: string;
  /** Which one it is, in words. */
  name: string;
}>;

/** The largest first. A log that is shorter than one of them may not grow. */
export async function listKnown(
  { identity, checkpointFile }: Pick<KeeperDeps, 'identity' | 'checkpointFile'>,
  accountId: string,
  { checkpoint, failed }: AccountLogHead,
): Promise<KnownCheckpoint[]> {
  const known: KnownCheckpoint[] = [];
  if (checkpoint) known.push({ ...checkpoint, name: 'the last checkpoint in the database' });
  const filed = await checkpointFile.last(accountId);
  if (filed) known.push({ ...filed, name: 'the last checkpoint in DATA_DIR' });
  const note = failed?.note ?? null;
  // Anybody can write a mark: only what a key of the log has signed counts.
  const contradicted = note === null ? null : openCheckpoint(identity, accountId, note);
  if (note !== null && contradicted) {
    const { size, root } = contradicted;
    const rootHex = Buffer.from(root).toString('hex');
    known.push({ size, rootHex, note, name: 'the checkpoint that another process knew' });
  }
  return known.sort((a, b) => b.size - a.size);
}

/** Whether a key of the log signed what it says. Whoever writes a file or a row can put any size and any root there. */
export function isAsSigned(
  identity: KeeperDeps['identity'],
  accountId: string,
  { size, rootHex, note }: KnownCheckpoint,
): boolean {
  const signed = openCheckpoint(identity, accountId, note);
  return signed?.size === size && Buffer.from(signed.root).toString('hex') === rootHex;
}
