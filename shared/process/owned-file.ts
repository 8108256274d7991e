// Files that several processes may write at once and that must survive a crash whole: readable by their owner only,
// replaced in one step, changed under a lock that a killed holder cannot keep.
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';

const OWNER_ONLY = { mode: 0o600 } as const;

/**
 * Writes a file (mode 0600) so that readers, and a machine that loses power, see the old text or the new, never a part.
 * The new text is on the disk when it resolves.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFileAtomic(file, text, OWNER_ONLY);
  // The package syncs the file and not the folder, in which the new name may still be missing after a power cut.
  await using folder = await open(dirname(file));
  await folder.sync();
}

/** As `replaceFile`, without waiting for the folder: after a power cut the old text may be back. */
export function replaceFileSync(file: string, text: string): void {
  writeFileAtomic.sync(file, text, OWNER_ONLY);
}

/**
 * Runs `work` while no other process holds the lock of `file`, which is the folder `FILE.lock`. The holder renews it
 * every five seconds, and one that was not renewed for ten is taken over, so `work` must not block the event loop for
 * long.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const unlock = await waitForLock(file);
  try {
    return await work();
  } finally {
    await unlock();
  }
}

const LONGEST_PAUSE_MS = 500;

async function waitForLock(file: string): Promise<() => Promise<void>> {
  // Loaded only here: it handles every signal from then on, which delays the end of a process by a signal.
  const { lock } = await import('proper-lockfile');
  for (;;) {
    // At random, since two that take an abandoned lock over in the same millisecond would both hold it.
    if (existsSync(`${file}.lock`)) await sleep(Math.random() * LONGEST_PAUSE_MS);
    try {
      // Its own retries would repeat every error. The file itself need not be there yet.
      return await lock(file, { realpath: false, retries: 0 });
    } catch (error) {
      if (!isHeldByAnother(error)) throw error;
    }
  }
}

function isHeldByAnother(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  // The lock was made, and another that took over the same abandoned one has removed it.
  const isLost = code === 'ENOENT' && syscall !== 'mkdir';
  return code === 'ELOCKED' || isLost;
}
