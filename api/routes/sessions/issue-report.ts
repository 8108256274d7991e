// A report's life after the caller was let in: proved, composed, written to the ledger, and only then sent.
import type { FailedLog, UnverifiableLog } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Deadline } from '../../../workers/reports/pool.ts';
import type { Actor, ApiDeps } from '../../http/context.ts';
import { noSession } from './find-session.ts';
import { noteWrong } from './note-wrong.ts';

/** Turns the report's JSON into the bytes that are sent. */
export type ReportForm = (json: Uint8Array) => Promise<Uint8Array>;

/**
 * The bytes of a new report on the session, in the form given. Throws `session_not_found` when the account has none with
 * this id, `report_generation_failed` when the log is wrong or cannot be checked, or the report would not be safe to
 * send; rejects with the signal's reason when it aborts, and then nothing is in the ledger.
 */
export async function issueReport(
  deps: ApiDeps,
  actor: Actor,
  sessionId: string,
  { form, signal, deadline }: { form: ReportForm; signal: AbortSignal; deadline: Deadline },
): Promise<Uint8Array> {
  const { pool, ledger, baaChainText } = deps;
  const { accountId } = actor;
  const outcome = await pool.report({ accountId, sessionId, baaChainText }, { signal, deadline });
  if (outcome.kind === 'no_session') throw noSession();
  if (outcome.kind === 'not_verified') {
    const { verdict } = outcome;
    if (verdict.status === 'failed') await noteWrong(deps, accountId, sessionId, verdict);
    throw notVerified(verdict);
  }
  if (outcome.kind === 'refused') throw new AppError('report_generation_failed', `${outcome.problem}.`);

  const { json, ...made } = outcome.report;
  const bytes = await form(json);
  signal.throwIfAborted();
  await ledger.record(accountId, { ...made, userId: actor.userId, scope: 'session', sessionId });
  return bytes;
}

function notVerified(verdict: FailedLog | UnverifiableLog): AppError {
  const message =
    verdict.status === 'failed'
      ? `The session's audit log is wrong: ${verdict.fault} at seq ${verdict.seq}. No report can be issued on it.`
      : `The session's audit log cannot be checked: its audit key ${verdict.keyId} is not configured or not the same. Add it to AUDIT_KEYS.`;
  return new AppError('report_generation_failed', message);
}
