// The process log: JSON lines on stdout. Callers log fields that they choose, never a whole object that came from
// outside, and this file makes sure that an error does not carry such an object in.
import { type Logger, pino } from 'pino';
import { AppError } from '../errors/app-error.ts';

export type { Logger } from 'pino';

/** `level` is one of pino's names, or `silent`. */
export function createLogger({ logLevel }: { logLevel: string }): Logger {
  const destination = pino.destination({ fd: 1, sync: true });
  // A terminal or pipe that is gone must not stop a process that is finishing its work.
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

/** An error as a log line holds it. */
export type LoggedError = {
  name: string;
  code?: string | number;
  message?: string;
  frames: string[];
  cause?: LoggedError;
};

const DEEPEST_CAUSE = 4;

/**
 * The part of an error that is safe to log. Only an `AppError`'s message is: a driver's duplicate-key message holds
 * the key and a parser's holds the text, so of any other error it keeps the name, the code and where it was thrown.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error instanceof AppError ? { message: error.message } : {}),
    frames: (error.stack ?? '').split('\n').flatMap((line) => /^\s+at (.+)$/.exec(line)?.[1] ?? []),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE
      ? { cause: describeError(error.cause, depth + 1) }
      : {}),
  };
}
