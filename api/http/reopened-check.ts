// Keeps a log from growing, or from being written anew, that was cut or has ended: whoever puts an older copy of a session
// back, row and log, has it look open, and whoever deletes it frees its id. The account log still has its end, and what
// reports saw of it.
import type { Anchor } from '../../shared/audit/log-record.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { Patience, TRY_ON_MS, tryOn } from '../../shared/mongo/try-on.ts';
import { anchorOf, readAboutSession } from '../../shared/reports/session-evidence.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';
import type { AccountLog } from '../../shared/transparency/account-log.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';

export type ReopenedCheck = Readonly<{
  /** Throws `log_failed` for a session that was sealed, or of which a report saw more, than its row and log say. */
  refuseReopened(accountId: string, sessionId: string): Promise<void>;
  /** Throws `session_closed` for the id of a session that was sealed, `log_failed` for that of a reported one that is gone. */
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

/** What the account log has of a session: how it was sealed, each time, and what the report that saw the most saw. */
type Earlier = Readonly<{ sealed: readonly Anchor[]; reported: Anchor | null }>;

const NOTHING: Earlier = { sealed: [], reported: null };

/** The check of one process. It asks the account log once for each session and minute: one read by id. */
export function createReopenedCheck(deps: ReopenedDeps, now = () => performance.now()): ReopenedCheck {
  const reader = deps.accountLog?.reader ?? null;
  /** Sessions of which the account log had nothing more than they have, and until when that is taken for true. */
  const openUntilMs = new Map<string, number>();
  const sealedHere = new Map<string, Anchor>();

  /** What is known of the session from before; nothing where it may go on. */
  async function findEarlier(accountId: string, sessionId: string): Promise<Earlier> {
    const name = nameOf(accountId, sessionId);
    const own = sealedHere.get(name);
    if (own) return { sealed: [own], reported: null };
    if (reader === null || (openUntilMs.get(name) ?? 0) > now()) return NOTHING;
    // Tries on, as the write that follows does: an election must not refuse it.
    return await tryOn(() => readEarlier(reader, accountId, sessionId), new Patience(TRY_ON_MS));
  }

  function mayGoOn(accountId: string, sessionId: string): void {
    keepNewest(openUntilMs, nameOf(accountId, sessionId), now() + REMEMBERED_MS, SESSIONS_REMEMBERED);
  }

  return {
    async refuseReopened(accountId, sessionId) {
      const { sealed, reported } = await findEarlier(accountId, sessionId);
      const isKnown = sealed.length > 0 || reported !== null;
      const found = isKnown ? await deps.sessions.findSnapshot(accountId, sessionId) : null;
      const isSealed = found !== null && found.session.log.seal !== null;
      // A row follows its log, so only a walk tells whether the log is as short.
      const isShort = found !== null && reported !== null && found.session.log.size < reported.size;
      if (found && !isSealed && (sealed.length > 0 || isShort)) {
        const anchors = [...sealed, ...(reported ? [reported] : [])];
        const fails = found.marks.failed !== null || (await failsBeside(deps, accountId, sessionId, anchors));
        const how = `npm run verify -- ${sessionId} says how.`;
        if (sealed.length > 0) throw new AppError('log_failed', `${REOPENED}: ${how}`);
        if (fails) throw new AppError('log_failed', `${CUT}: ${how}`);
      }
      if (sealed.length === 0 && (found || !isKnown)) mayGoOn(accountId, sessionId);
    },
    async refuseEnded(accountId, sessionId) {
      const { sealed, reported } = await findEarlier(accountId, sessionId);
      if (sealed.length > 0) throw new AppError('session_closed', `${ENDED}: ${NEW_ID}`);
      if (reported !== null) {
        const found = await deps.sessions.findSnapshot(accountId, sessionId);
        if (!found) throw new AppError('log_failed', `${GONE}: ${NEW_ID}`);
      } else mayGoOn(accountId, sessionId);
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

async function readEarlier(
  reader: AccountLog['reader'],
  accountId: string,
  sessionId: string,
): Promise<Earlier> {
  const { closed, reported } = await reader.placesOf(accountId, sessionId);
  const indexes = [...closed, ...(reported ? [reported.index] : [])];
  const texts = indexes.length === 0 ? [] : await reader.entryTexts(accountId, indexes);
  const entries = texts.flatMap((text) => readAboutSession(text ?? '', { accountId, sessionId }) ?? []);
  const report = entries.find(({ kind }) => kind === 'report_issued');
  return {
    sealed: entries.filter((entry) => entry.kind === 'session_closed' && entry.seal !== null).map(anchorOf),
    reported: report ? anchorOf(report) : null,
  };
}

const ENDED = 'A session of this id was ended and sealed';
const GONE = 'A report was issued on a session of this id, which is not stored any more';
const NEW_ID = 'open the next one under a new id.';
const REOPENED =
  'The session was ended and sealed, and an older copy of its log was put back: it takes no more';
const CUT = 'A report saw more events of the session than its log has: it takes no more';

/**
 * Whether the log fails beside these anchors. Leaves the fault on the session, as every verification does: asked of a session
 * without a mark, since each walk of a long log costs.
 */
async function failsBeside(
  { pool, recordOutcome }: ReopenedDeps,
  accountId: string,
  sessionId: string,
  anchors: readonly Anchor[],
): Promise<boolean> {
  const signal = AbortSignal.timeout(VERIFY_MS);
  const evidence = await pool.verifySession({ accountId, sessionId }, { signal, listed: 0, anchors });
  if (!evidence) return false;
  await recordOutcome(evidence.found, evidence.verdict);
  return evidence.verdict.status === 'failed';
}
