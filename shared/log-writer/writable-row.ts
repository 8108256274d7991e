// The row of a log that somebody wants to write, and the log's key. Nothing is written to a log whose row is damaged: its
// entries would be signed for another session than the row's, and nobody could verify them.
import type { AuditKey, Keyring } from '../audit/audit-keys.ts';
import { checkRecord } from '../audit/check-record.ts';
import { isFirstEntry } from '../audit/first-entry.ts';
import type { LogRecord } from '../audit/log-record.ts';
import { judgeOpening } from '../audit/opening.ts';
import { damagedRow, type FailedLog, type UnverifiableLog } from '../audit/verdict.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import { logRecordOf, type Session } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';

type Deps = Readonly<{ audit: SegmentRepository; sessions: SessionRepository; keyring: Keyring }>;

/** What a writer needs of a session; or that the account has none; or the verdict for which nothing is written. */
export type WritableRow =
  | Readonly<{ status: 'found'; session: Session; record: LogRecord }>
  | Readonly<{ status: 'no_session' }>
  | FailedLog
  | UnverifiableLog;

/**
 * Reads the row of a log, by one query. What the record of a log is made of must be as a writer stores it, and so must
 * `changes`, which each write counts up.
 */
export async function findWritable(
  { sessions }: Pick<Deps, 'sessions'>,
  accountId: string,
  sessionId: string,
): Promise<WritableRow> {
  const found = await sessions.findSnapshot(accountId, sessionId);
  if (!found) return { status: 'no_session' };
  const { session, damage } = found;
  if (damage?.isRecorded || damage?.field === 'changes') return damagedRow(damage.field);
  const record = logRecordOf(session);
  return checkRecord(record) ?? { status: 'found', session, record };
}

/** The key of a log, or the verdict on a log that no key can check. */
export type WritingKey =
  | Readonly<{ key: AuditKey; verdict: null }>
  | Readonly<{ key: null; verdict: FailedLog | UnverifiableLog }>;

/**
 * Finds the key of a log. Where a key of the row's id is configured, its check value is not the row's, and the log's first
 * entry bears that key's HMAC, somebody changed the row: no key is missing. A walk tells it the same way. Without a seal, the
 * row must bear the mark of its opening: an end would seal whatever else it says.
 */
export async function findWritingKey(
  { keyring, audit }: Pick<Deps, 'keyring' | 'audit'>,
  session: Session,
): Promise<WritingKey> {
  const found = keyring.find({ ...session, ...session.log });
  if (found.key && !isAsOpened(session, found.key)) return { key: null, verdict: damagedRow('log.opening') };
  if (found.verdict?.status !== 'unverifiable') return found;
  const key = keyring.named(session.log.keyId);
  if (!key) return found;
  const { accountId, agentId, id: sessionId } = session;
  const [first] = await audit.readEntries(accountId, sessionId, 0);
  if (first === undefined) return found;
  const isOurs = isFirstEntry({ agentId, sessionId }, key, Buffer.from(first));
  return isOurs ? { key: null, verdict: damagedRow('log.key_check') } : found;
}

function isAsOpened(session: Session, { openingKey }: AuditKey): boolean {
  const judged = judgeOpening(openingKey, session);
  return judged === 'matches' || judged === 'sealed';
}
