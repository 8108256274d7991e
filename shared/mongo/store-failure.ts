// The one place that recognizes the driver's errors for a database that is away, or that cannot take more for now.
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoDriverError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { AppError } from '../errors/app-error.ts';

const AWAY = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  // The write is on the primary, and no majority has confirmed it: nobody can tell yet whether it stays.
  MongoWriteConcernError,
] as const;

/** Name of the error for connections that all stayed busy. The driver does not export its class. */
const WAITED_TOO_LONG = 'MongoWaitQueueTimeoutError';

/** Codes of a socket's own errors. The driver passes one on when the server ended the connection before a command. */
const SOCKET_CODES = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH']);

/** Labels that say that the same command may succeed later. */
const PASSING_LABELS = ['RetryableWriteError', 'RetryableError', 'ResetPool', 'InterruptInUseConnections'];

/** Label of a server that sheds load. */
const SHEDDING_LABEL = 'SystemOverloadedError';

/** Codes from a server that shuts down, steps down, waits for a primary, or for a majority. */
const AWAY_CODES = new Set<unknown>([
  6, // HostUnreachable
  7, // HostNotFound
  64, // WriteConcernTimeout, once WriteConcernFailed
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  9001, // SocketException
  10107, // NotWritablePrimary
  10058, // LegacyNotPrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** What callers are told, and after how many seconds they may try again: an election takes some, a busy server less. */
const TOLD = {
  unavailable: { message: 'The database does not answer. Try again shortly.', retryAfterS: 5 },
  overloaded: { message: 'The database is busy. Try again shortly.', retryAfterS: 1 },
} as const;

/** The read's own limit was up (`read-limit.ts`): the same read again soon would take as long. */
const TOO_LONG = {
  message:
    'The database takes too long over this list. Ask for less, such as a shorter window or one agent, or try again later.',
  retryAfterS: 30,
} as const;

/** MaxTimeMSExpired. */
const TIME_IS_UP = 50;

type Told = Readonly<{ message: string; retryAfterS: number }>;

/** The codes of a `StoreFailure`. */
export type StoreFailureCode = keyof typeof TOLD;

/** The database is away or takes too long over a list (`unavailable`), or its connections or its server are busy (`overloaded`). */
export class StoreFailure extends AppError {
  declare readonly code: StoreFailureCode;

  constructor(code: StoreFailureCode, cause?: unknown, told: Told = TOLD[code]) {
    super(code, told.message, { retryAfterS: told.retryAfterS, cause });
  }
}

/** The failure that an error of the driver means, with the error as its cause; null for any other error. */
export function asStoreFailure(error: unknown): StoreFailure | null {
  if (error instanceof StoreFailure) return error;
  if (error instanceof MongoServerError && error.code === TIME_IS_UP) {
    return new StoreFailure('unavailable', error, TOO_LONG);
  }
  if (isBusy(error)) return new StoreFailure('overloaded', error);
  return isAway(error) ? new StoreFailure('unavailable', error) : null;
}

function isBusy(error: unknown): boolean {
  return (
    (error instanceof MongoDriverError && error.name === WAITED_TOO_LONG) ||
    // The driver gives the label to connections that broke, too.
    (error instanceof MongoServerError && error.hasErrorLabel(SHEDDING_LABEL))
  );
}

/**
 * Whether a bulk of writes ended with neither a code nor a write that the server refused: then the driver's own error is in it,
 * whose kind the driver (mongodb 7.9.0, `executeCommands`) does not keep, or no majority confirmed the writes.
 */
function isCutOff(error: unknown): boolean {
  return (
    error instanceof MongoBulkWriteError &&
    error.code === undefined &&
    [error.writeErrors].flat().length === 0
  );
}

function isAway(error: unknown): boolean {
  return (
    AWAY.some((kind) => error instanceof kind) ||
    isCutOff(error) ||
    (error instanceof MongoServerError && AWAY_CODES.has(error.code)) ||
    (error instanceof MongoError && PASSING_LABELS.some((label) => error.hasErrorLabel(label))) ||
    (error instanceof Error && 'code' in error && SOCKET_CODES.has(error.code))
  );
}
