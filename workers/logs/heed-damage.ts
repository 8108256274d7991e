// What a verified log says nothing for: the rest of its session's row.
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import type { Anchor } from '../../shared/audit/log-record.ts';
import { judgeOpening } from '../../shared/audit/opening.ts';
import { damagedRow, type VerifiedLog } from '../../shared/audit/verdict.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { PolicyDoubter } from './doubt-policy.ts';
import type { Concluded } from './log-tasks.ts';
import type { RowReader } from './row-reader.ts';

type Deps<Row extends RecordedSession> = Readonly<{
  keyring: Keyring;
  doubter: PolicyDoubter;
  rows: RowReader<Row>;
}>;

/**
 * A log that is verified says nothing for what else its row states: a field of another type, facts that are not those of its
 * opening or of the account log, or a policy that is not the one that the row names. A failure is told before a damaged row.
 */
export async function heedDamage<Row extends RecordedSession>(
  deps: Deps<Row>,
  concluded: Concluded<Row>,
): Promise<Concluded<Row>> {
  if (concluded.kind === 'no_session' || concluded.verdict.status !== 'verified') return concluded;
  const { damage, session } = concluded.found;
  const { verdict } = concluded;
  const field =
    damage?.field ??
    unopened(deps.keyring, session, verdict.size) ??
    (await loggedOtherwise(deps, session, verdict)) ??
    (await deps.doubter.contradicted(session));
  return field === null ? concluded : { ...concluded, verdict: damagedRow(field) };
}

/**
 * The field of the opening mark where a verified log of `size` entries is not as its key opened it, else null. Nothing else
 * proves how an open session began, or any session without entries. An ended one that nobody sealed may be older than the
 * marks: its entries prove its session, its agent and its key, and every report says that no seal covers the rest.
 */
function unopened(keyring: Keyring, session: RecordedSession, size: number): 'log.opening' | null {
  const { key } = keyring.find({ ...session, ...session.log });
  const judged = key && judgeOpening(key.openingKey, session);
  const needsMark = size === 0 || session.endedAt === null;
  return judged === 'differs' || (judged === 'absent' && needsMark) ? 'log.opening' : null;
}

type LoggedField = 'started_at' | 'policy_sha256' | 'ended_at' | 'status';

/**
 * The field of a session that is not as the account log has it, else null. Of a sealed session only the start is compared, with
 * the reports from before the seal. An entry counts where a signed checkpoint covers it, since anybody can write one; that is
 * asked only where one differs.
 */
async function loggedOtherwise<Row extends RecordedSession>(
  { rows }: Deps<Row>,
  session: RecordedSession,
  { anchors, size }: VerifiedLog,
): Promise<LoggedField | null> {
  if (differingField(session, anchors, size) === null) return null;
  const { accountId, id: sessionId } = session;
  const weighed = await rows.find({ accountId, sessionId }, { isWeighed: true });
  const all = [...anchors.filter(({ isSigned }) => isSigned), ...(weighed?.anchors ?? [])];
  const counting = all.filter(({ isSigned }) => isSigned !== false);
  return differingField(session, counting, size);
}

/**
 * How a session began is compared with every entry, since it never changes; how it ended with the last on a log of `size`:
 * such a log may get more entries later, and end again.
 */
function differingField(
  { startedAt, policySha256Hex, endedAt, status, log }: RecordedSession,
  anchors: readonly Anchor[],
  size: number,
): LoggedField | null {
  const logged = anchors.flatMap((anchor) => (anchor.facts ? [{ ...anchor.facts, size: anchor.size }] : []));
  const start = startedAt.toISOString();
  const starts = [...anchors, ...logged].flatMap((each) => each.startedAt ?? []);
  if (starts.some((at) => at !== start)) return 'started_at';
  if (log.seal !== null) return null;
  if (logged.some((facts) => facts.policySha256Hex !== policySha256Hex)) return 'policy_sha256';
  const last = logged.findLast((facts) => facts.size === size);
  if (!last) return null;
  if (last.endedAt !== (endedAt?.toISOString() ?? null)) return 'ended_at';
  return last.status === status ? null : 'status';
}
