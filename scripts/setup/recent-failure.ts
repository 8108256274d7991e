// Remembers for a day that something could not be fetched, so that the next start does not wait for it again.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DAY_MS } from '../../shared/time/durations.ts';
import { parseTime } from '../../shared/time/parse-time.ts';

const RETRY_AFTER_MS = DAY_MS;

/** A file that is missing or damaged means no. */
export async function hasFailedRecently(file: string): Promise<boolean> {
  const failedAt = parseTime(await readFile(file, 'utf8').catch(() => ''));
  return failedAt.ok && Date.now() - failedAt.time.getTime() < RETRY_AFTER_MS;
}

export async function rememberFailure(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, new Date().toISOString());
}

export async function forgetFailure(file: string): Promise<void> {
  await rm(file, { force: true });
}
