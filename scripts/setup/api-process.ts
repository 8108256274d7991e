// Runs api/main.ts as a child process, which sends its URL.
import { join } from 'node:path';
import { unlessAborted } from '../../shared/process/unless-aborted.ts';
import { type EntryProcess, startEntry } from './entry-process.ts';

export type ApiProcess = Pick<EntryProcess, 'pid' | 'exited' | 'ask' | 'stop'> & { url: string };

const MAIN = join(import.meta.dirname, '../../api/main.ts');
/**
 * One V8 helper thread in place of four: they do not give way as the report threads do. On two cores, reports took a
 * tenth less time with one, and lists beside them a fifth less. package.json and the Dockerfile set the same flag.
 */
const FLAGS = ['--v8-pool-size=1'];
const START_TIMEOUT_MS = 60_000;

/** Resolves once the API listens. Throws if it ends before, or takes too long. */
export async function startApi(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ApiProcess> {
  const { pid, exited, message, ask, stop } = startEntry(MAIN, env, FLAGS);
  try {
    const url = await unlessAborted(signal, waitForUrl(message, exited));
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
