// Has the background pipeline follow what this process wrote, at once. Nobody waits for that, and where no job can be
// queued the sweep finds what is due.
import type { LogRef } from '../shared/audit/log-record.ts';
import type { Logger } from '../shared/process/log.ts';
import { tellTrouble } from '../shared/process/trouble.ts';
import { AGGREGATE_SESSION, DELIVER_WEBHOOK, EXTEND_ACCOUNT_LOG } from '../shared/queues/jobs.ts';
import type { ReportLedger } from '../shared/reports/report-ledger.ts';
import type { WebhookRef } from '../shared/webhooks/delivery.ts';
import type { PipelineView } from './http/pipeline-view.ts';

const DEADLINE_MS = 1_000;

/** The ledger, which has the account log follow each report. */
export function followLedger(ledger: ReportLedger, pipeline: PipelineView | null, log: Logger): ReportLedger {
  if (!pipeline) return ledger;
  return {
    ...ledger,
    async record(accountId, entry) {
      await ledger.record(accountId, entry);
      extendLog(pipeline, accountId, log);
    },
  };
}

/** Has the account log follow a session that was closed, and so have its counts and its hour's sum. */
export function followClosed(pipeline: PipelineView | null, log: Logger): (ref: LogRef) => void {
  if (!pipeline) return () => {};
  return (ref) => {
    extendLog(pipeline, ref.accountId, log);
    ask(pipeline, log, () => pipeline.queues.add(AGGREGATE_SESSION, ref));
  };
}

/** Has a webhook's messages sent. */
export function followMessages(pipeline: PipelineView | null, log: Logger): (ref: WebhookRef) => void {
  if (!pipeline) return () => {};
  return (ref) => ask(pipeline, log, () => pipeline.queues.add(DELIVER_WEBHOOK, ref));
}

function extendLog(pipeline: PipelineView, accountId: string, log: Logger): void {
  ask(pipeline, log, () => pipeline.queues.add(EXTEND_ACCOUNT_LOG, { accountId }));
}

function ask(pipeline: PipelineView, log: Logger, add: () => Promise<unknown>): void {
  pipeline.within(DEADLINE_MS, add).catch((error: unknown) => tellTrouble(log, 'redis', error));
}
