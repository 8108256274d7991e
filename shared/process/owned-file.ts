// Files that several processes may write at once and that must survive a crash whole: readable by their owner only,
// replaced in one step, changed under a lock that a killed holder cannot keep.
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Writes a file (mode 0600) so that readers, and a machine that loses power, see the old text or the new, never a part. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await using handle = await open(temporary, 'w', 0o600);
  await handle.writeFile(text);
  await handle.sync();
  await rename(temporary, file);
  await using folder = await open(dirname(file));
  await folder.sync();
}

/** A holder needs milliseconds; a lock this old was left by a process that was killed. */
const ABANDONED_AFTER_MS = 10_000;
const RETRY_MS = 20;

/** Runs `work` while no other process that uses the same lock file does. `work` must be short: it writes one file. */
export async function withFileLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(lockFile))) await sleep(RETRY_MS);
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function tryLock(lockFile: string): Promise<boolean> {
  try {
    await (await open(lockFile, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const ageMs = await stat(lockFile).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0,
  );
  if (ageMs > ABANDONED_AFTER_MS) await rm(lockFile, { force: true });
  return false;
}
