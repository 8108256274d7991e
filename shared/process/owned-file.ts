// Files that several processes may write at once and that must survive a crash whole: readable by their owner only,
// replaced in one step, changed under a lock that a killed holder cannot keep.
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';

const OWNER_ONLY = { mode: 0o600 } as const;

/**
 * Replaces a file (mode 0600) in one step: readers, and a machine after a power cut, find the old text or the new,
 * never a part. The new text is on the disk when it resolves. Rejects with the file system's error.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFileAtomic(file, text, OWNER_ONLY);
  // The package syncs the file and not the folder, in which the new name may still be missing after a power cut.
  await using folder = await open(dirname(file));
  await folder.sync();
}

/** Replaces a file as `replaceFile` does, without waiting for the folder: a power cut may bring the old text back. */
export function replaceFileSync(file: string, text: string): void {
  writeFileAtomic.sync(file, text, OWNER_ONLY);
}

/**
 * Waits for the lock of `file`, the folder `FILE.lock`, and runs `work` under it. The holder renews the lock every five
 * seconds. Others take over a lock that was not renewed for ten, so `work` must not block the event loop for long.
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
  // Loaded only when needed: from then on the package handles every signal, which delays the end of a process by one.
  const { lock } = await import('proper-lockfile');
  for (;;) {
    // Waits at random: two processes that took over an abandoned lock in the same millisecond would both hold it.
    if (existsSync(`${file}.lock`)) await sleep(Math.random() * LONGEST_PAUSE_MS);
    try {
      // The package's own retries would follow any error. `realpath: false`: the file need not exist yet.
      return await lock(file, { realpath: false, retries: 0 });
    } catch (error) {
      if (!isHeldByAnother(error)) throw error;
    }
  }
}

function isHeldByAnother(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  // This process made the lock, and another one that took over the same abandoned lock removed it.
  const isLost = code === 'ENOENT' && syscall !== 'mkdir';
  return code === 'ELOCKED' || isLost;
}
