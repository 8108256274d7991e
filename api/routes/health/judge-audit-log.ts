// The state of the audit log for /health: whether the audit keys that stored logs need are configured, for these logs.
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import { describeNeeds } from '../../../shared/sessions/describe-key-needs.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { HealthResponse } from './schema.ts';

export type AuditLogHealth = HealthResponse['components']['audit_log'];

/** From what was found last where the database does not answer in time: its own component says that. */
export async function judgeAuditLog(
  { keyNeeds, hasAuditKeys }: Pick<ApiDeps, 'keyNeeds' | 'hasAuditKeys'>,
  deadlineMs: number,
): Promise<AuditLogHealth> {
  // A search that takes longer goes on, and the next probe has its answer.
  const needed = await unlessAborted(AbortSignal.timeout(deadlineMs), keyNeeds.find()).catch(keyNeeds.last);
  if (needed === null) return 'unavailable: the database does not answer in time';
  if (needed.length > 0) return `degraded: stored logs need audit keys: ${describeNeeds(needed)}`;
  return hasAuditKeys ? 'ok' : 'not configured';
}
