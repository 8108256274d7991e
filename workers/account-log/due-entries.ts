// Lists what an account log lacks, as the entries to append. Nothing becomes an entry that this process cannot vouch for:
// a sealed session's seal is recomputed, an unsealed log is walked, a report's statement must bear this deployment's key.
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import { isEndMarked } from '../../shared/audit/opening.ts';
import { computeSeal, sealMatches } from '../../shared/audit/seal.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { statedEntryText } from '../../shared/reports/stated-entry.ts';
import type { DueForLog } from '../../shared/sessions/logged-sessions.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import { policyStoredText, sessionClosedText, unlessMisformed } from '../../shared/transparency/log-entry.ts';
import { isStatementOf } from '../../shared/transparency/verify-statement.ts';
import { textAt } from './entry-text.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { RefusedRows } from './refused-rows.ts';

export type DueEntries = Readonly<{
  /** Canonical texts of entries. */
  texts: readonly string[];
  /** The last session that was looked at; null where none is left. */
  lastId: string | null;
  /** Policies and reports that get no entry. */
  refused: RefusedRows;
  /** Ids of the sessions that were looked at and get none, because no writer of ours writes such a row. */
  misformed: readonly string[];
}>;

/** Logs walked at once. */
const WALKS = 4;

/**
 * Entries for what is due: policies, reports, and sessions from the first after `afterId`. A session that fails its check is
 * marked by that and gets no entry.
 */
export async function listDueEntries(
  deps: KeeperDeps,
  accountId: string,
  afterId: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<DueEntries> {
  const refused = new RefusedRows();
  const [policies, sessions, reports] = await Promise.all([
    policyTexts(deps, accountId, limit, refused),
    deps.sessions.listDue(accountId, afterId, limit),
    reportTexts(deps, accountId, limit, refused),
  ]);
  const closed: string[] = [];
  const misformed: string[] = [];
  for (let at = 0; at < sessions.length; at += WALKS) {
    const checked = sessions.slice(at, at + WALKS).map((due) => toEntry(deps, accountId, due, signal));
    for (const [i, text] of (await Promise.all(checked)).entries()) {
      if (text === MISFORMED) misformed.push((sessions[at + i] as DueForLog).session.id);
      else if (text !== null) closed.push(text);
    }
  }
  return {
    texts: [...policies, ...reports, ...closed],
    lastId: sessions.at(-1)?.session.id ?? null,
    refused,
    misformed,
  };
}

/** In place of an entry. */
const MISFORMED = Symbol('misformed');

/** Reads on past what is refused: however many rows somebody writes, the true ones behind them get their entries. */
async function policyTexts(
  { policies }: KeeperDeps,
  accountId: string,
  limit: number,
  refused: RefusedRows,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { id, policy } of policies.readDue(accountId)) {
    const text = policy && unlessMisformed(() => policyStoredText(accountId, policy));
    if (text === null) refused.add('misformed', id);
    else texts.push(text);
    if (texts.length === limit) break;
  }
  return texts;
}

/** As `policyTexts`. */
async function reportTexts(
  deps: KeeperDeps,
  accountId: string,
  limit: number,
  refused: RefusedRows,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { id, report } of deps.reports.readDue(accountId)) {
    const text = report && issuedEntry(deps, accountId, report);
    if (text !== null) texts.push(text);
    else if (report === null) refused.add('misformed', id);
    else refused.add(hasStatement(report) ? 'forged' : 'unsigned', id);
    if (texts.length === limit) break;
  }
  return texts;
}

function hasStatement({ statement, entryStatement }: LedgerEntry): boolean {
  return statement !== null || entryStatement !== undefined;
}

/** The entry of a report; null where its issuer has not signed both the report and this very entry. */
function issuedEntry({ identity }: KeeperDeps, accountId: string, report: LedgerEntry): string | null {
  const { id: reportId, jsonSha256Hex: sha256Hex, statement } = report;
  if (statement === null) return null;
  const stated = { subject: 'report', reportId, sha256Hex } as const;
  return isStatementOf(identity, accountId, stated, statement)
    ? statedEntryText(identity, accountId, report)
    : null;
}

/** The entry of a session's close; null where its log is not verified, or the entry is there already. */
async function toEntry(
  deps: KeeperDeps,
  accountId: string,
  { session, rootHex }: DueForLog,
  signal: AbortSignal,
): Promise<string | null | typeof MISFORMED> {
  if (session.merkleRootHex !== rootHex) return MISFORMED;
  const text = unlessMisformed(() => sessionClosedText(factsOf(session, rootHex), session.log.seal));
  if (text === null) return MISFORMED;
  if (!(await isVouchedFor(deps, session, rootHex, signal))) return null;
  if (isEndForeign(deps.keyring, session)) return MISFORMED;
  const { logIndex } = session;
  if (logIndex === undefined || (await textAt(deps.segments, accountId, logIndex)) !== text) return text;
  await deps.sessions.markLogged(accountId, [{ sessionId: session.id, rootHex, index: logIndex }]);
  return null;
}

function factsOf(session: RecordedSession, rootHex: string) {
  const { id: sessionId, accountId, agentId, startedAt, endedAt, status, policySha256Hex } = session;
  const { keyId, size, headHashHex } = session.log;
  const facts = { accountId, agentId, sessionId, startedAt, endedAt, status, policySha256Hex };
  return { ...facts, keyId, size, headHashHex, rootHex };
}

/**
 * Whether nobody with the log's key said how a session without a seal ended: whoever writes to the database did, or took its
 * seal off.
 */
function isEndForeign(keyring: Keyring, session: RecordedSession): boolean {
  const { key } = keyring.find({ ...session, ...session.log });
  return key !== null && session.log.seal === null && !isEndMarked(key.openingKey, session);
}

/** Whether the row says what a holder of the log's key sealed; where nothing is sealed, whether the log is verified. */
async function isVouchedFor(
  { keyring, pool, recordOutcome }: KeeperDeps,
  session: RecordedSession,
  rootHex: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { key } = keyring.find({ ...session, ...session.log });
  const { seal } = session.log;
  if (key && seal !== null && sealMatches(seal, computeSeal(key.sealKey, factsOf(session, rootHex))))
    return true;
  const ref = { accountId: session.accountId, sessionId: session.id };
  const evidence = await pool.verifySession(ref, { signal, listed: 0 });
  if (!evidence) return false;
  await recordOutcome(evidence.found, evidence.verdict);
  const { verdict, found } = evidence;
  // The row may have changed since it was listed: the next run lists it again.
  return verdict.status === 'verified' && found.session.log.seal === seal && verdict.rootHex === rootHex;
}
