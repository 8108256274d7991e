// The signal that stops a request's work: when the caller hangs up, or at the deadline.
import type { ServerResponse } from 'node:http';
import type { Deadline } from '../../workers/reports/pool.ts';

/**
 * Shared by all requests, because an error with a stack is costly: most signals abort after the answer, and no one
 * reads it.
 */
const GONE = new DOMException('The answer is finished, or its caller has hung up', 'AbortError');

/** A signal that aborts when the answer is finished or its caller has hung up, and at the deadline if there is one. */
export function requestSignal(res: ServerResponse, deadline?: Deadline): AbortSignal {
  // A response that is closed already emits no `close` again.
  if (res.closed) return AbortSignal.abort(GONE);
  const controller = new AbortController();
  const timer =
    deadline && setTimeout(() => controller.abort(deadline.reason()), deadline.atMs - performance.now());
  res.once('close', () => {
    clearTimeout(timer);
    controller.abort(GONE);
  });
  return controller.signal;
}

/** A signal that aborts with another, and at the deadline unless that is dropped before. */
export function beforeDeadline(signal: AbortSignal, deadline: Deadline): AbortSignal & Disposable {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(deadline.reason()), deadline.atMs - performance.now());
  const joined = AbortSignal.any([signal, late.signal]);
  return Object.assign(joined, { [Symbol.dispose]: () => clearTimeout(timer) });
}
