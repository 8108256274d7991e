// The nightly check of the account logs: whatever was deleted or put back in the database beside a log is noticed without
// anybody's command. Findings are logged and counted; nothing is restored.
import { mayPassOver } from '../../shared/process/pass-over.ts';
import type { JobDeps } from './job.ts';

type Deps = Pick<JobDeps, 'accountLogs' | 'counters' | 'log'>;

/** How many findings there are; 0 in a process without a signing key. Those that stay are told again each night. */
export async function checkAccountLogs(
  { accountLogs, counters, log }: Deps,
  signal: AbortSignal,
): Promise<number> {
  if (!accountLogs) return 0;
  let count = 0;
  const check = async (accountId: string) => {
    for await (const { finding, details } of accountLogs.check(accountId, signal)) {
      count += 1;
      log.error({ account_id: accountId, finding, ...details }, 'an account log and the database disagree');
      await counters.add('account_log_findings');
      // /health says it too, and the next run looks again before it signs.
      if (finding === 'account_log_contradicted') {
        const { reason, checkpoint } = details;
        await accountLogs.markFailed(
          accountId,
          String(reason),
          checkpoint === undefined ? null : String(checkpoint),
        );
      }
    }
  };
  for (const accountId of await accountLogs.listStored()) {
    try {
      await check(accountId);
    } catch (error) {
      // One log at which the check throws does not keep the others from theirs.
      if (signal.aborted || !mayPassOver(error)) throw error;
      count += 1;
      log.error({ account_id: accountId, err: error }, 'an account log could not be checked');
      await counters.add('account_log_findings');
    }
  }
  return count;
}
