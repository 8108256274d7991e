import { EXTEND_ACCOUNT_LOG } from '../shared/queues/jobs.ts';
import type { ReportLedger } from '../shared/reports/report-ledger.ts';
import type { PipelineView } from './http/pipeline-view.ts';

const DEADLINE_MS = 1_000;

/**
 * The ledger, which has the account log follow each report at once. Nobody waits for that, and where no job can be queued
 * the sweep finds the report.
 */
export function followLedger(ledger: ReportLedger, pipeline: PipelineView | null): ReportLedger {
  if (!pipeline) return ledger;
  return {
    ...ledger,
    async record(accountId, entry) {
      await ledger.record(accountId, entry);
      const add = () => pipeline.queues.add(EXTEND_ACCOUNT_LOG, { accountId });
      pipeline.within(DEADLINE_MS, add).catch(() => {});
    },
  };
}
