// Keeps a log from growing, or from being written anew, that has ended: whoever puts an older copy of a session back, row
// and log, has it look open, and whoever deletes it frees its id. The account log still has its end.
import { AppError } from '../../shared/errors/app-error.ts';
import { Patience, TRY_ON_MS, tryOn } from '../../shared/mongo/try-on.ts';
import { anchorOf, readSessionClosed, type SessionClosed } from '../../shared/reports/session-evidence.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';
import type { AccountLog } from '../../shared/transparency/account-log.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';

export type ReopenedCheck = Readonly<{
  /** Throws `log_failed` for a session that the account log says was sealed, and whose row says that it was not. */
  refuseReopened(accountId: string, sessionId: string): Promise<void>;
  /** Throws `session_closed` for the id of a session that the account log says was sealed. */
  refuseEnded(accountId: string, sessionId: string): Promise<void>;
}>;

export type ReopenedDeps = Readonly<{
  accountLog: AccountLog | null;
  sessions: Pick<SessionRepository, 'findSnapshot'>;
  pool: Pick<ReportPool, 'verifySession'>;
  recordOutcome: RecordOutcome;
}>;

/** One look-up serves the batches of a session for so long. */
const REMEMBERED_MS = 10 * MINUTE_MS;
const SESSIONS_REMEMBERED = 100_000;
const VERIFY_MS = 30_000;

/** The check of one process. It asks the account log once for each session and ten minutes: one read by id. */
export function createReopenedCheck(deps: ReopenedDeps, now = () => performance.now()): ReopenedCheck {
  const { accountLog } = deps;
  if (!accountLog) return { refuseReopened: async () => {}, refuseEnded: async () => {} };
  const { reader } = accountLog;
  /** Sessions that the account log did not name as sealed, or as their row does, and until when that is taken for true. */
  const openUntilMs = new Map<string, number>();

  /** Entries that the session was sealed; none where it may go on. */
  async function findSealed(accountId: string, sessionId: string): Promise<SessionClosed[]> {
    const name = nameOf(accountId, sessionId);
    if ((openUntilMs.get(name) ?? 0) > now()) return [];
    // Tries on, as the write that follows does: an election must not refuse it.
    const sealed = await tryOn(() => listSealed(reader, accountId, sessionId), new Patience(TRY_ON_MS));
    if (sealed.length === 0) remember(name);
    return sealed;
  }

  function remember(name: string): void {
    openUntilMs.delete(name);
    openUntilMs.set(name, now() + REMEMBERED_MS);
    const [oldest] = openUntilMs.keys();
    if (openUntilMs.size > SESSIONS_REMEMBERED && oldest !== undefined) openUntilMs.delete(oldest);
  }

  return {
    async refuseReopened(accountId, sessionId) {
      const sealed = await findSealed(accountId, sessionId);
      const found = sealed.length === 0 ? null : await deps.sessions.findSnapshot(accountId, sessionId);
      if (!found) return;
      if (found.session.log.seal !== null) return remember(nameOf(accountId, sessionId));
      await mark(deps, accountId, sessionId, sealed.map(anchorOf), found.marks.failed !== null);
      throw new AppError('log_failed', `${REOPENED}: npm run verify -- ${sessionId} says how.`);
    },
    async refuseEnded(accountId, sessionId) {
      if ((await findSealed(accountId, sessionId)).length === 0) return;
      throw new AppError('session_closed', `${ENDED}: open the next one under a new id.`);
    },
  };
}

const nameOf = (accountId: string, sessionId: string) => `${accountId}/${sessionId}`;

async function listSealed(
  reader: AccountLog['reader'],
  accountId: string,
  sessionId: string,
): Promise<SessionClosed[]> {
  const indexes = await reader.closedIndexes(accountId, sessionId);
  const texts = indexes.length === 0 ? [] : await reader.entryTexts(accountId, indexes);
  const entries = texts.map((text) => readSessionClosed(text ?? '', { accountId, sessionId }));
  return entries.filter((entry) => entry !== null).filter(({ seal }) => seal !== null);
}

const ENDED = 'A session of this id was ended and sealed, by what the account log holds';
const REOPENED =
  'The session was ended and sealed by what the account log holds of it, and an older copy of its log was put back: it takes no more';

/** Leaves the fault on the session, as every verification does. Once: each walk of a long log costs. */
async function mark(
  { pool, recordOutcome }: ReopenedDeps,
  accountId: string,
  sessionId: string,
  anchors: readonly ReturnType<typeof anchorOf>[],
  isMarked: boolean,
): Promise<void> {
  if (isMarked) return;
  const signal = AbortSignal.timeout(VERIFY_MS);
  const evidence = await pool.verifySession({ accountId, sessionId }, { signal, listed: 0, anchors });
  if (evidence) await recordOutcome(evidence.found, evidence.verdict);
}
