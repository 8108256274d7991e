// The nightly check of the account logs: whatever was deleted or put back in the database beside a log is noticed without
// anybody's command. Findings are logged and counted; nothing is restored.
import type { JobDeps } from './job.ts';

type Deps = Pick<JobDeps, 'accountLogs' | 'counters' | 'log'>;

/** How many findings there are; 0 in a process without a signing key. Those that stay are told again each night. */
export async function checkAccountLogs(
  { accountLogs, counters, log }: Deps,
  signal: AbortSignal,
): Promise<number> {
  if (!accountLogs) return 0;
  let count = 0;
  for (const accountId of await accountLogs.listStored()) {
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
  }
  return count;
}
