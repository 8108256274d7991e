// Tells errors of the servers that this service stands on from its own.
import { asStoreFailure } from '../mongo/store-failure.ts';
import { RedisFailure, redisWords } from '../queues/redis-failure.ts';

/** A server that this service stands on. */
export type Dependency = 'mongodb' | 'redis';

const DEEPEST_CAUSE = 4;

/**
 * The server whose error this is; null for any other error, whatever its cause. Such an error names addresses, states and
 * limits: its message holds nothing that a caller sent. An error about a document, such as a duplicate key, is none of these.
 */
export function serverOf(error: unknown): Dependency | null {
  if (error instanceof RedisFailure || redisWords(error) !== null) return 'redis';
  return asStoreFailure(error) === null ? null : 'mongodb';
}

/** The server whose error this is, or is the cause of it, up to four causes deep; null for any other error. */
export function dependencyOf(error: unknown): Dependency | null {
  for (const each of causesOf(error)) {
    const server = serverOf(each);
    if (server !== null) return server;
  }
  return null;
}

/** The error behind all others: what the server, the driver or the socket said. */
export function innermost(error: unknown): unknown {
  return causesOf(error).at(-1);
}

function causesOf(error: unknown): unknown[] {
  const causes = [error];
  for (let at = error; at instanceof Error && causes.length <= DEEPEST_CAUSE; ) {
    at = at.cause;
    if (at instanceof Error) causes.push(at);
  }
  return causes;
}
