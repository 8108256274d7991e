// A report's life after the caller was let in: proved, composed, written to the ledger, and only then sent.

import type { LogVerdict, VerifiedLog } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ReportFacts } from '../../../shared/reports/report-facts.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { Deadline } from '../../../workers/reports/pool.ts';
import type { Actor, ApiDeps } from '../../context.ts';
import { gatherFacts } from './gather-facts.ts';
import { noteWrong } from './note-wrong.ts';

/** Turns the report's JSON into the bytes that are sent. */
export type ReportForm = (json: Uint8Array, facts: ReportFacts) => Promise<Uint8Array>;

/**
 * The bytes of a new report on the session, in the form given. Throws `report_generation_failed` when the log is wrong or cannot be
 * checked, or the report would not be safe to send; rejects with the signal's reason when it aborts, and then nothing
 * is in the ledger.
 */
export async function issueReport(
  deps: ApiDeps,
  actor: Actor,
  session: Session,
  { form, signal, deadline }: { form: ReportForm; signal: AbortSignal; deadline: Deadline },
): Promise<Uint8Array> {
  const { pool, ledger } = deps;
  const lastReported = await ledger.lastRoot(session.accountId, session.id);
  const verdict = await pool.walk(session, { signal, lastReported, deadline });
  if (verdict.status === 'wrong') await noteWrong(deps, session, verdict);
  assertVerified(verdict);

  const facts = await gatherFacts(deps, session, verdict);
  const composed = await pool.composeReport(facts, signal);
  if (!composed.ok) throw new AppError('report_generation_failed', `${composed.problem}.`);

  const bytes = await form(composed.json, facts);
  signal.throwIfAborted();
  await ledger.record(session.accountId, {
    id: facts.id,
    userId: actor.userId,
    scope: 'session',
    sessionId: session.id,
    since: session.startedAt,
    until: session.endedAt,
    rootHex: verdict.rootHex,
    size: verdict.size,
    generatedAt: facts.generatedAt,
    jsonSha256Hex: composed.sha256Hex,
  });
  return bytes;
}

function assertVerified(verdict: LogVerdict): asserts verdict is VerifiedLog {
  if (verdict.status === 'wrong') {
    const { fault, seq } = verdict;
    const message = `The session's audit log is wrong: ${fault} at seq ${seq}. No report can be issued on it.`;
    throw new AppError('report_generation_failed', message);
  }
  if (verdict.status === 'unchecked') {
    const message = `The session's audit log cannot be checked: its audit key ${verdict.keyId} is not configured or not the same. Add it to AUDIT_KEYS.`;
    throw new AppError('report_generation_failed', message);
  }
}
