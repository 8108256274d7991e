import packageJson from '../../../package.json' with { type: 'json' };
import type { HealthResponse } from './schema.ts';

export type Health = Readonly<{ databaseAnswers: boolean; hasAuditKeys: boolean; uptimeS: number }>;

export function presentHealth({ databaseAnswers, hasAuditKeys, uptimeS }: Health): HealthResponse {
  return {
    status: databaseAnswers ? (hasAuditKeys ? 'ok' : 'degraded') : 'unavailable',
    version: packageJson.version,
    uptime_seconds: Math.floor(uptimeS),
    components: {
      db: databaseAnswers ? 'ok' : 'unavailable',
      queue: 'not configured',
      audit_log: hasAuditKeys ? 'ok' : 'not configured',
      pdf: 'not configured',
    },
  };
}
