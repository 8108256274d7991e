// The one place that recognizes the driver's errors for a database that is away.
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

/** Name of the error for connections that all stayed busy. The driver does not export its class. */
const WAITED_TOO_LONG = 'MongoWaitQueueTimeoutError';

/** Codes of a socket's own errors. The driver passes one on when the server ended the connection before a command. */
const SOCKET_CODES = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED']);

/** Codes from a server that shuts down, steps down or waits for a primary: the driver's retryable read errors. */
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

/** An `unavailable` error, with the driver's as its cause, for an error that means the database is away; else null. */
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
