import {
  type AuditKeyBytes,
  EVERY_LOG,
  isInScope,
  type ScopedSession,
} from '../../shared/audit/audit-keys.ts';
import type { FailedLog, UnverifiableLog } from '../../shared/audit/verdict.ts';

/** Why no key checks a session's log, and the change of `AUDIT_KEYS` that would let one, for the operator to judge. */
export function describeMissingKey(
  verdict: FailedLog | UnverifiableLog,
  log: ScopedSession & Readonly<{ keyId: string }>,
  auditKeys: readonly AuditKeyBytes[],
): string {
  const { accountId, startedAt, keyId } = log;
  const configured = auditKeys.find(({ id }) => id === keyId);
  if (verdict.status === 'unverifiable') {
    return configured
      ? `unverifiable: audit key ${keyId} has another value; give it in AUDIT_KEYS the one that the log was signed with`
      : `unverifiable: audit key ${keyId} is not configured; add it to AUDIT_KEYS with the value that the log was signed with`;
  }
  const scope = configured?.scope ?? EVERY_LOG;
  const isOthers = !isInScope({ ...EVERY_LOG, accountIds: scope.accountIds }, log);
  const remedies = [
    ...(isOthers ? [`add ;account=${accountId} to key ${keyId} if it is this account's`] : []),
    ...(isInScope({ ...scope, accountIds: [] }, log)
      ? []
      : [
          `key ${keyId} is not in force at the session's start, ${startedAt.toISOString()}: move its not_before or not_after if it was`,
        ]),
  ];
  return `refused, key_out_of_scope: audit key ${keyId} may not prove it; AUDIT_KEYS: ${remedies.join('; ')}`;
}
