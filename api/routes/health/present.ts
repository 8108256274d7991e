import packageJson from '../../../package.json' with { type: 'json' };
import type { PdfState } from '../../../workers/reports/pdf.ts';
import type { HealthResponse } from './schema.ts';

export type Health = Readonly<{
  databaseAnswers: boolean;
  hasAuditKeys: boolean;
  pdf: PdfState;
  uptimeS: number;
}>;

export function presentHealth({ databaseAnswers, hasAuditKeys, pdf, uptimeS }: Health): HealthResponse {
  const hasAll = hasAuditKeys && pdf.available;
  return {
    status: databaseAnswers ? (hasAll ? 'ok' : 'degraded') : 'unavailable',
    version: packageJson.version,
    uptime_seconds: Math.floor(uptimeS),
    components: {
      db: databaseAnswers ? 'ok' : 'unavailable',
      queue: 'not configured',
      audit_log: hasAuditKeys ? 'ok' : 'not configured',
      pdf: pdf.available ? 'ok' : `unavailable: ${pdf.why}`,
    },
  };
}
