// Runs a process of the service as a child: the same Node, the same process group, and an IPC channel over which it
// tells that it is there and sees this process end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type EntryProcess = {
  pid: number;
  /** Settles when it has ended, with how. */
  exited: Promise<string>;
  /** Settles with the first message that it sends; never, if it ends before. */
  message: Promise<unknown>;
  /** Sends it a question and settles with the next message that it sends; never, if it ends before. */
  ask(question: string): Promise<unknown>;
  /** Asks it to stop, which lets its work under way finish, and kills it once `force` aborts. */
  stop(force: AbortSignal): Promise<void>;
};

/** `flags` are Node's own. */
export function startEntry(
  main: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[] = [],
): EntryProcess {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, [...flags, main], { env, stdio: [...stdio] });
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
    // Ctrl-C reached it already; it stops once, so a second signal does no harm.
    child.kill('SIGTERM');
    const kill = () => child.kill('SIGKILL');
    if (force.aborted) kill();
    force.addEventListener('abort', kill, { once: true });
    await exited;
    force.removeEventListener('abort', kill);
  };
  return { pid: child.pid ?? 0, exited, message, ask, stop };
}
