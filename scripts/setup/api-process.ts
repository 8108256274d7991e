// Runs api/main.ts as a child: the same Node, the same process group, and an IPC channel over which it tells its URL
// and sees this process end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { orAborted } from './or-aborted.ts';

export type ApiProcess = {
  url: string;
  pid: number;
  /** Settles when it has ended, with how. */
  exited: Promise<string>;
  /** Asks it to stop, which lets running reports finish, and kills it once `force` aborts. */
  stop(force: AbortSignal): Promise<void>;
};

const MAIN = join(import.meta.dirname, '../../api/main.ts');
const START_TIMEOUT_MS = 60_000;

/** Resolves once it listens; throws if it ends before, or takes too long. */
export async function startApi(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ApiProcess> {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit').then(([code, killedBy]) => `${killedBy ?? `exit code ${code}`}`);
  try {
    const url = await orAborted(waitForUrl(child, exited), signal);
    return { url, pid: child.pid ?? 0, exited, stop: (force) => stop(child, exited, force) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function waitForUrl(child: ChildProcess, exited: Promise<string>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    reject(new Error(`The API did not listen in ${START_TIMEOUT_MS / 1000} s.`));
  }, START_TIMEOUT_MS);
  child.once('message', ({ url }: { url: string }) => resolve(url));
  exited.then(
    (how) => reject(new Error(`The API did not start (${how}): its output above says why.`)),
    reject,
  );
  return promise.finally(() => clearTimeout(timer));
}

async function stop(child: ChildProcess, exited: Promise<string>, force: AbortSignal): Promise<void> {
  // Ctrl-C reached it already; it stops once, so a second signal does no harm.
  child.kill('SIGTERM');
  const kill = () => child.kill('SIGKILL');
  if (force.aborted) kill();
  force.addEventListener('abort', kill, { once: true });
  await exited;
}
