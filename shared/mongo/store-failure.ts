// The one place that knows how the database driver says that the database is away.
import {
  MongoClientClosedError,
  MongoDriverError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { AppError } from '../errors/app-error.ts';

const AWAY = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
] as const;

/** All connections stayed busy. The driver does not export the class of this one. */
const WAITED_TOO_LONG = 'MongoWaitQueueTimeoutError';

/** The driver lets a socket's own error through when the server ended the connection just before a command. */
const SOCKET_CODES = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED']);

/** Answers of a server that shuts down, steps down or waits for a primary: the driver's retryable read errors. */
const AWAY_CODES = new Set<unknown>([
  6, // HostUnreachable
  7, // HostNotFound
  89, // NetworkTimeout
  91, // ShutdownInProgress
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** `unavailable` for an error that says the database is away; null for any other. */
export function asStoreFailure(error: unknown): AppError | null {
  const away =
    AWAY.some((kind) => error instanceof kind) ||
    (error instanceof MongoDriverError && error.name === WAITED_TOO_LONG) ||
    (error instanceof MongoServerError && AWAY_CODES.has(error.code)) ||
    (error instanceof Error && 'code' in error && SOCKET_CODES.has(error.code));
  return away
    ? new AppError('unavailable', 'The database does not answer. Try again shortly.', { cause: error })
    : null;
}
