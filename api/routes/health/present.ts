import packageJson from '../../../package.json' with { type: 'json' };
import type { IndexState } from '../../../shared/process/prepare-indexes.ts';
import type { PdfState } from '../../../workers/pdf/pdf.ts';
import type { AccountLogHealth } from './judge-account-log.ts';
import type { AuditLogHealth } from './judge-audit-log.ts';
import type { PipelineHealth } from './judge-pipeline.ts';
import type { HealthResponse } from './schema.ts';

export type Health = Readonly<{
  databaseAnswers: boolean;
  indexes: IndexState;
  auditLog: AuditLogHealth;
  accountLog: AccountLogHealth;
  pdf: PdfState;
  pipeline: PipelineHealth;
  uptimeS: number;
}>;

/** A pipeline that is not configured is a choice of the operator, not a fault. */
const HEALTHY = new Set<string>(['ok', 'not configured']);

export function presentHealth(health: Health): HealthResponse {
  const { databaseAnswers, indexes, auditLog, accountLog, pdf, pipeline, uptimeS } = health;
  const hasLogs = indexes === 'ok' && auditLog === 'ok' && HEALTHY.has(accountLog);
  const hasPipeline = HEALTHY.has(pipeline.queue) && HEALTHY.has(pipeline.pipeline);
  const hasAll = hasLogs && pdf.available && hasPipeline;
  return {
    status: databaseAnswers ? (hasAll ? 'ok' : 'degraded') : 'unavailable',
    version: packageJson.version,
    uptime_seconds: Math.floor(uptimeS),
    components: {
      db: databaseAnswers ? 'ok' : 'unavailable',
      indexes,
      audit_log: auditLog,
      account_log: accountLog,
      pdf: pdf.available ? 'ok' : `unavailable: ${pdf.why}`,
      ...pipeline,
    },
  };
}
