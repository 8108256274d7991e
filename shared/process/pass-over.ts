// What may be passed over where many things are worked on one after the other, so that none holds up those behind it.
import { AppError, type ErrorCode } from '../errors/app-error.ts';
import { isUnauthorized } from '../mongo/unauthorized.ts';
import { dependencyOf } from './dependency-error.ts';

/** Errors of ours that say something of the one thing that was worked on. */
const OF_ONE = new Set<ErrorCode>(['report_generation_failed', 'internal_error']);

/**
 * Whether the next thing may fare better than the one at which this error came. False where a server is away or refuses the
 * login, and where this process is busy or ends: all others would fail alike.
 */
export function mayPassOver(error: unknown): boolean {
  if (dependencyOf(error) !== null || isUnauthorized(error)) return false;
  return !(error instanceof AppError) || OF_ONE.has(error.code);
}
