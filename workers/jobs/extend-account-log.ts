// Brings an account's log up to date: appends and signs, then has the witnesses asked, for whom no job waits.
import { EXTEND_ACCOUNT_LOG } from '../../shared/queues/jobs.ts';
import type { Job } from './job.ts';

export const extendAccountLogJob: Job<{ accountId: string }> = {
  definition: EXTEND_ACCOUNT_LOG,
  concurrency: 2,
  isInterruptible: true,
  async handle({ accountId }, { accountLogs, counters }, signal) {
    if (!accountLogs) return 'no signing key';
    if (!accountLogs.mayKeep(accountId)) return 'kept a moment ago';
    const { appended, size, failed } = await accountLogs.keep(accountId, signal);
    await counters.add('log_entries_appended', appended);
    if (failed === null) accountLogs.witnessRounds.begin(accountId);
    return failed === null ? `${appended} appended, ${size} entries` : 'failed';
  },
};
