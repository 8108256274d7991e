import { type LogVerdict, verdictName } from '../../shared/audit/verdict.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { JobDeps } from './job.ts';

/** Counts and logs a log that is wrong, once for each time it is found to be; the session has its mark already. */
export async function countWrong(
  { counters, log }: Pick<JobDeps, 'counters' | 'log'>,
  verdict: LogVerdict,
  { session, marks }: SessionSnapshot,
): Promise<void> {
  if (verdict.status === 'verified') return;
  const { accountId, id } = session;
  const place = verdict.status === 'failed' ? { seq: verdict.seq } : { key_id: verdict.keyId };
  log.error(
    { session_id: id, account_id: accountId, verdict: verdictName(verdict), ...place },
    verdict.status === 'failed' ? 'a log failed' : 'a log is unverifiable',
  );
  if (verdict.status === 'failed' && marks.failed === null) await counters.add('logs_found_failed');
}
