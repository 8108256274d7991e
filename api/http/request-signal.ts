// How long a request's work may go on: until its caller hangs up, or its deadline passes.
import type { ServerResponse } from 'node:http';

/** Aborts with the given reason after the deadline. */
export type Deadline = Readonly<{ afterMs: number; reason: () => Error }>;

/** One for all: most signals abort when the answer is out, and nobody asks them why. */
const GONE = new DOMException('The answer is finished, or its caller has hung up', 'AbortError');

/** A signal that aborts when the answer is finished or its caller has hung up, and at the deadline if there is one. */
export function requestSignal(res: ServerResponse, deadline?: Deadline): AbortSignal {
  // It hears nothing of a caller who hung up earlier.
  if (res.closed) return AbortSignal.abort(GONE);
  const controller = new AbortController();
  const timer = deadline && setTimeout(() => controller.abort(deadline.reason()), deadline.afterMs);
  res.once('close', () => {
    clearTimeout(timer);
    controller.abort(GONE);
  });
  return controller.signal;
}

/** The work's result, or the signal's reason as soon as it aborts, even where the work takes no signal itself. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
