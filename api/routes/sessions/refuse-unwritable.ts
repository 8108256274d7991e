// What a writer is told of a log that takes nothing more because of what was found in it.
import { explainUnverifiable, type FailedLog, type UnverifiableLog } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiDeps } from '../../http/context.ts';

/** Leaves what was found on the session, as every verification does, and throws `log_failed` or `unavailable`. */
export async function refuseUnwritable(
  { writer, recordOutcome }: Pick<ApiDeps, 'writer' | 'recordOutcome'>,
  accountId: string,
  sessionId: string,
  found: FailedLog | UnverifiableLog,
): Promise<never> {
  const snapshot = await writer.sessions.findSnapshot(accountId, sessionId);
  if (snapshot) await recordOutcome(snapshot, found);
  if (found.status === 'unverifiable' && found.reason === 'damaged_row') {
    throw new AppError('log_failed', `The log of the session takes no more: ${explainUnverifiable(found)}.`);
  }
  if (found.status === 'unverifiable') {
    throw new AppError(
      'unavailable',
      `The audit key ${found.keyId} of the session's log is not configured here: add it to AUDIT_KEYS.`,
    );
  }
  throw new AppError(
    'log_failed',
    `The log of the session failed (${found.fault} at entry ${found.seq}) and takes no more: npm run verify -- ${sessionId} says how.`,
  );
}
