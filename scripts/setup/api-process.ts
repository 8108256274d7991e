// Runs api/main.ts as a child, which tells its URL.
import { join } from 'node:path';
import { type EntryProcess, startEntry } from './entry-process.ts';
import { orAborted } from './or-aborted.ts';

export type ApiProcess = Pick<EntryProcess, 'pid' | 'exited' | 'ask' | 'stop'> & { url: string };

const MAIN = join(import.meta.dirname, '../../api/main.ts');
const START_TIMEOUT_MS = 60_000;

/** Resolves once it listens; throws if it ends before, or takes too long. */
export async function startApi(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ApiProcess> {
  const { pid, exited, message, ask, stop } = startEntry(MAIN, env);
  try {
    const url = await orAborted(waitForUrl(message, exited), signal);
    return { url, pid, exited, ask, stop };
  } catch (error) {
    void stop(AbortSignal.abort());
    throw error;
  }
}

async function waitForUrl(message: Promise<unknown>, exited: Promise<string>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    reject(new Error(`The API did not listen in ${START_TIMEOUT_MS / 1000} s.`));
  }, START_TIMEOUT_MS);
  void message.then((told) => resolve((told as { url: string }).url));
  void exited.then((how) => reject(new Error(`The API did not start (${how}): its output above says why.`)));
  return promise.finally(() => clearTimeout(timer));
}
