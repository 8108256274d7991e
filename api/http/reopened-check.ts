// Keeps a log from growing, or from being written anew, that has ended: whoever puts an older copy of a session back, row
// and log, has it look open, and whoever deletes it frees its id. The account log still has its end.
import type { Anchor } from '../../shared/audit/log-record.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { Patience, TRY_ON_MS, tryOn } from '../../shared/mongo/try-on.ts';
import { anchorOf, readSessionClosed, type SessionClosed } from '../../shared/reports/session-evidence.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';
import type { AccountLog } from '../../shared/transparency/account-log.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';

export type ReopenedCheck = Readonly<{
  /** Throws `log_failed` for a session that was sealed, and whose row says that it was not. */
  refuseReopened(accountId: string, sessionId: string): Promise<void>;
  /** Throws `session_closed` for the id of a session that was sealed. */
  refuseEnded(accountId: string, sessionId: string): Promise<void>;
  /** Remembers how a session was sealed: the account log has it a moment later. */
  noteSealed(session: Session): void;
}>;

export type ReopenedDeps = Readonly<{
  /** Null without account logs: only what this process sealed is known then. */
  accountLog: AccountLog | null;
  sessions: Pick<SessionRepository, 'findSnapshot'>;
  pool: Pick<ReportPool, 'verifySession'>;
  recordOutcome: RecordOutcome;
}>;

/** One look-up serves the batches of a session for so long. */
const REMEMBERED_MS = MINUTE_MS;
const SESSIONS_REMEMBERED = 100_000;
/** Sessions that were sealed here: more than are sealed in the minute until the account log has them. */
const SEALED_REMEMBERED = 20_000;
const VERIFY_MS = 30_000;

/** The check of one process. It asks the account log once for each session and minute: one read by id. */
export function createReopenedCheck(deps: ReopenedDeps, now = () => performance.now()): ReopenedCheck {
  const reader = deps.accountLog?.reader ?? null;
  /** Sessions that the account log did not name as sealed, and until when that is taken for true. */
  const openUntilMs = new Map<string, number>();
  const sealedHere = new Map<string, Anchor>();

  /** How the session was sealed, each time that is known; none where it may go on. */
  async function findSealed(accountId: string, sessionId: string): Promise<Anchor[]> {
    const name = nameOf(accountId, sessionId);
    const own = sealedHere.get(name);
    if (own) return [own];
    if (reader === null || (openUntilMs.get(name) ?? 0) > now()) return [];
    // Tries on, as the write that follows does: an election must not refuse it.
    const sealed = await tryOn(() => listSealed(reader, accountId, sessionId), new Patience(TRY_ON_MS));
    if (sealed.length === 0) keepNewest(openUntilMs, name, now() + REMEMBERED_MS, SESSIONS_REMEMBERED);
    return sealed.map(anchorOf);
  }

  return {
    async refuseReopened(accountId, sessionId) {
      const anchors = await findSealed(accountId, sessionId);
      const found = anchors.length === 0 ? null : await deps.sessions.findSnapshot(accountId, sessionId);
      if (!found || found.session.log.seal !== null) return;
      await mark(deps, accountId, sessionId, anchors, found.marks.failed !== null);
      throw new AppError('log_failed', `${REOPENED}: npm run verify -- ${sessionId} says how.`);
    },
    async refuseEnded(accountId, sessionId) {
      if ((await findSealed(accountId, sessionId)).length === 0) return;
      throw new AppError('session_closed', `${ENDED}: open the next one under a new id.`);
    },
    noteSealed({ accountId, id, log: { size, seal }, merkleRootHex: rootHex }) {
      if (seal === null || rootHex === null) return;
      const name = nameOf(accountId, id);
      openUntilMs.delete(name);
      keepNewest(
        sealedHere,
        name,
        { source: 'stored', size, rootHex, sealed: true, seal },
        SEALED_REMEMBERED,
      );
    },
  };
}

const nameOf = (accountId: string, sessionId: string) => `${accountId}/${sessionId}`;

/** Puts a value last, and drops the first where there are more than `limit`. */
function keepNewest<Value>(map: Map<string, Value>, name: string, value: Value, limit: number): void {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map.keys();
  if (map.size > limit && oldest !== undefined) map.delete(oldest);
}

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

const ENDED = 'A session of this id was ended and sealed';
const REOPENED =
  'The session was ended and sealed, and an older copy of its log was put back: it takes no more';

/** Leaves the fault on the session, as every verification does. Once: each walk of a long log costs. */
async function mark(
  { pool, recordOutcome }: ReopenedDeps,
  accountId: string,
  sessionId: string,
  anchors: readonly Anchor[],
  isMarked: boolean,
): Promise<void> {
  if (isMarked) return;
  const signal = AbortSignal.timeout(VERIFY_MS);
  const evidence = await pool.verifySession({ accountId, sessionId }, { signal, listed: 0, anchors });
  if (evidence) await recordOutcome(evidence.found, evidence.verdict);
}
