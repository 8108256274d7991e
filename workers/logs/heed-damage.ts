// What a verified log says nothing for: the rest of its session's row.
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import { judgeOpening } from '../../shared/audit/opening.ts';
import { damagedRow, type VerifiedLog } from '../../shared/audit/verdict.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { PolicyDoubter } from './doubt-policy.ts';
import type { Concluded } from './log-tasks.ts';

/**
 * A log that is verified says nothing for what else its row states: a field of another type, facts that are not those of its
 * opening, an end that is not the account log's, or a policy that is not the one that the row names. A failure is told
 * before a damaged row.
 */
export async function heedDamage<Row extends RecordedSession>(
  { keyring, doubter }: Readonly<{ keyring: Keyring; doubter: PolicyDoubter }>,
  concluded: Concluded<Row>,
): Promise<Concluded<Row>> {
  if (concluded.kind === 'no_session' || concluded.verdict.status !== 'verified') return concluded;
  const { damage, session } = concluded.found;
  const { verdict } = concluded;
  const field =
    damage?.field ??
    unopened(keyring, session, verdict.size) ??
    endedOtherwise(session, verdict) ??
    (await doubter.contradicted(session));
  return field === null ? concluded : { ...concluded, verdict: damagedRow(field) };
}

/**
 * The field of the opening mark where a verified log of `size` entries is not as its key opened it, else null. Nothing else
 * proves an unsealed log without entries. One with entries may be older than the marks: they prove its session, its agent
 * and its key.
 */
function unopened(keyring: Keyring, session: RecordedSession, size: number): 'log.opening' | null {
  const { key } = keyring.find({ ...session, ...session.log });
  const judged = key && judgeOpening(key.openingKey, session);
  return judged === 'differs' || (judged === 'absent' && size === 0) ? 'log.opening' : null;
}

/**
 * The field of a session without a seal whose end is not the one that the account log's last entry on this very log holds,
 * else null.
 * Nothing of the log is over its end, and only a seal comes to such a log later, or more entries.
 */
function endedOtherwise(
  { endedAt, status, log }: RecordedSession,
  { anchors, size }: VerifiedLog,
): 'ended_at' | 'status' | null {
  const end = log.seal === null && anchors.findLast((anchor) => anchor.end && anchor.size === size)?.end;
  if (!end) return null;
  if (end.endedAt !== (endedAt?.toISOString() ?? null)) return 'ended_at';
  return end.status === status ? null : 'status';
}
