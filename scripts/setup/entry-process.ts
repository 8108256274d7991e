// Runs a process of the service as a child: with the same Node, in the same process group. Over an IPC channel the
// child reports that it serves, and sees this process end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type EntryProcess = {
  pid: number;
  /** Settles when the process has ended, with its exit code or signal in words. */
  exited: Promise<string>;
  /** The first message that the process sends. Never settles if it ends before. */
  message: Promise<unknown>;
  /** Sends a question; settles with the next message that the process sends. Never settles if it ends before. */
  ask(question: string): Promise<unknown>;
  /** Sends SIGTERM, which lets running work finish, and SIGKILL once `force` aborts. Resolves at the end. */
  stop(force: AbortSignal): Promise<void>;
};

/**
 * A variable of glibc's: by default each thread has memory of its own to allocate from, in which what others freed is
 * never used again. bootstrap.mjs and the Dockerfile set it as well.
 */
const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' };

/** Nobody routes requests to a child by its readiness, and whoever stops its parent waits for it. */
const NO_DRAIN = { DRAIN_MS: '0' };

/** Starts `main`, a script of ours. `flags` are for Node itself. */
export function startEntry(
  main: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[] = [],
): EntryProcess {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, [...flags, main], {
    env: { ...FEW_ARENAS, ...NO_DRAIN, ...env },
    stdio: [...stdio],
  });
  const exited = once(child, 'exit').then(
    ([code, killedBy]) => `${killedBy ?? `exit code ${code}`}`,
    (error: NodeJS.ErrnoException) => `it cannot be run, ${error.code}`,
  );
  const message = new Promise<unknown>((resolve) => child.once('message', resolve));
  const ask = (question: string) => {
    const answer = new Promise<unknown>((resolve) => child.once('message', resolve));
    child.send(question);
    return answer;
  };
  const stop = async (force: AbortSignal) => {
    // After Ctrl-C the process has had a signal already. It stops at the first one and ignores the second.
    child.kill('SIGTERM');
    const kill = () => child.kill('SIGKILL');
    if (force.aborted) kill();
    force.addEventListener('abort', kill, { once: true });
    await exited;
    force.removeEventListener('abort', kill);
  };
  return { pid: child.pid ?? 0, exited, message, ask, stop };
}
