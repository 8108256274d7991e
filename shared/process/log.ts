// The process log: JSON lines on stdout. Callers log fields that they choose, never a whole object from outside. An
// error could carry such an object, so this file logs chosen parts of errors only.
import { type Logger, pino } from 'pino';
import { AppError } from '../errors/app-error.ts';
import { serverOf } from './dependency-error.ts';

export type { Logger } from 'pino';

/** Makes the log of a process, synchronous on stdout. `logLevel` is one of pino's levels, or `silent`. */
export function createLogger({ logLevel }: { logLevel: string }): Logger {
  const destination = pino.destination({ fd: 1, sync: true });
  // A closed terminal or pipe must not stop a process that is finishing its work.
  destination.on('error', () => {});
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    destination,
  );
}

/** An error as a log line holds it: `frames` are the lines of its stack, without its message. */
export type LoggedError = {
  name: string;
  code?: string | number;
  message?: string;
  frames: string[];
  cause?: LoggedError;
};

const DEEPEST_CAUSE = 4;

/**
 * The parts of an error that are safe to log: name, code, stack frames, up to four causes, and the message of an
 * `AppError` or of a server that is away or refuses. Any other message is left out: a driver's may hold a key, a parser's
 * the text. `depth` counts the causes above this error.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error instanceof AppError || serverOf(error) !== null ? { message: error.message } : {}),
    frames: (error.stack ?? '').split('\n').flatMap((line) => /^\s+at (.+)$/.exec(line)?.[1] ?? []),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE
      ? { cause: describeError(error.cause, depth + 1) }
      : {}),
  };
}
