// What a pasted value is: of which report or session, what the account log says of it, and what a walk finds now.

import type { LogVerdict } from '../../../../shared/audit/verdict.ts';
import type { LedgerEntry } from '../../../../shared/reports/report-row.ts';
import type { Session } from '../../../../shared/sessions/session.ts';
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { askOfReport, askOfSession, type LogAnswer } from './ask-log.ts';
import {
  checkStatement,
  isStated,
  type OtherForm,
  type Part,
  type StatementState,
} from './check-statements.ts';
import type { Value } from './parse-value.ts';
import { type LogSearch, type SearchDeps, searchLog } from './search-log.ts';
import { type ToldReport, tellReport } from './tell-report.ts';

export type ReportMatch = Readonly<{
  part: Part;
  report: LedgerEntry;
  told: ToldReport;
  statement: StatementState;
  /** Of the statements over its PDF and its CSV. */
  otherStatements: Readonly<Record<OtherForm, StatementState>>;
  logged: LogAnswer;
  /** Whether nothing signed says of the report what the value is of it, where this deployment has a key to check by. */
  isUnproven: boolean;
}>;

export type SessionMatch = Readonly<{ part: Part; session: Session; logged: LogAnswer }>;

export type Found = Readonly<{
  reports: readonly ReportMatch[];
  sessions: readonly SessionMatch[];
  /** Of the sessions that these are about, by id: what a walk found, null where the session is gone. */
  walked: ReadonlyMap<string, LogVerdict | null>;
  /** What the account log has of the value; null where a row that has it is borne out. */
  log: LogSearch | null;
  /** Whether more has this value. */
  isCut: boolean;
}>;

export type FindDeps = SearchDeps & Pick<ApiDeps, 'pool' | 'recordOutcome'>;

/** Reports and sessions that are shown; many have the root of a log without entries. */
const SHOWN = 5;
/** Sessions that are walked for one page. */
const WALKED = 3;

/** Everything of the account that has this value. */
export async function findValue(
  deps: FindDeps,
  accountId: string,
  value: Value,
  signal: AbortSignal,
): Promise<Found> {
  const [allReports, allSessions] = await Promise.all([
    listReports(deps, accountId, value),
    listSessions(deps, accountId, value),
  ]);
  const issued = allReports.slice(0, SHOWN);
  const stored = allSessions.slice(0, SHOWN);
  const { accountLog } = deps;
  const [reports, sessions] = await Promise.all([
    Promise.all(issued.map((report) => readMatch(accountLog, accountId, report, partOf(value, report)))),
    Promise.all(
      stored.map(async (session) => ({
        part: value.kind === 'hash' ? ('root' as const) : ('id' as const),
        session,
        logged: await askOfSession(accountLog, session),
      })),
    ),
  ]);
  const ids = [...stored.map(({ id }) => id), ...reports.flatMap(({ told }) => told.sessionId ?? [])];
  return {
    reports,
    sessions,
    walked: await walkAll(deps, accountId, [...new Set(ids)].slice(0, WALKED), signal),
    log: isBorneOut(reports, sessions) ? null : await searchLog(deps, accountId, value),
    isCut: allReports.length > SHOWN || allSessions.length > SHOWN,
  };
}

/** Whether anything signed says of one of the rows what it has; of an open session, that nothing says something else. */
function isBorneOut(reports: readonly ReportMatch[], sessions: readonly SessionMatch[]): boolean {
  const isLogged = ({ session, logged: { kind } }: SessionMatch) =>
    session.endedAt === null ? kind !== 'other' && kind !== 'damaged' : kind === 'same' || kind === 'older';
  return reports.some(({ isUnproven }) => !isUnproven) || sessions.some(isLogged);
}

/** Those that are borne out by what their row bears come first: whoever writes to the database can add any number. */
async function listReports(
  { ledger, accountLog }: Pick<ApiDeps, 'ledger' | 'accountLog'>,
  accountId: string,
  value: Value,
): Promise<LedgerEntry[]> {
  if (value.kind === 'session') return [];
  if (value.kind === 'hash') {
    const isBorneOut = (report: LedgerEntry) =>
      accountLog === null || isStated(accountLog, accountId, report, partOf(value, report));
    const found = await ledger.listByHash(accountId, value.hex, SHOWN + 1, isBorneOut);
    found.sort((a, b) => b.generatedAt.getTime() - a.generatedAt.getTime());
    const borneOut = new Set(found.filter(isBorneOut));
    return [...borneOut, ...found.filter((report) => !borneOut.has(report))];
  }
  const report = await ledger.find(accountId, value.id);
  return report ? [report] : [];
}

async function listSessions(
  { sessions }: Pick<ApiDeps, 'sessions'>,
  accountId: string,
  value: Value,
): Promise<Session[]> {
  if (value.kind === 'report') return [];
  if (value.kind === 'hash') return await sessions.listByRoot(accountId, value.hex, SHOWN + 1);
  const session = await sessions.find(accountId, value.id);
  return session ? [session] : [];
}

function partOf(value: Value, { jsonSha256Hex, pdfSha256Hex, csvSha256Hex }: LedgerEntry): Part {
  if (value.kind !== 'hash') return 'id';
  if (value.hex === jsonSha256Hex) return 'json';
  if (value.hex === pdfSha256Hex) return 'pdf';
  return value.hex === csvSha256Hex ? 'csv' : 'root';
}

async function readMatch(
  accountLog: AccountLog | null,
  accountId: string,
  report: LedgerEntry,
  part: Part,
): Promise<ReportMatch> {
  const statement = checkStatement(accountLog, accountId, report, 'report');
  const otherStatements = {
    pdf: checkStatement(accountLog, accountId, report, 'pdf'),
    csv: checkStatement(accountLog, accountId, report, 'csv'),
  };
  const logged = await askOfReport(accountLog, accountId, report);
  const told = tellReport(accountLog, accountId, report, logged);
  const found = { part, report, told, statement, otherStatements, logged };
  return { ...found, isUnproven: accountLog !== null && !isProven(accountLog, accountId, found) };
}

/** The entry is over all but PDF and CSV. */
function isProven(
  log: AccountLog,
  accountId: string,
  { part, report, logged }: Pick<ReportMatch, 'part' | 'report' | 'logged'>,
): boolean {
  const isLogged = logged.kind === 'same' && part !== 'pdf' && part !== 'csv';
  return isLogged || isStated(log, accountId, report, part);
}

/** One after the other: a page takes one place among the account's walks. */
async function walkAll(
  { pool, recordOutcome }: Pick<ApiDeps, 'pool' | 'recordOutcome'>,
  accountId: string,
  sessionIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LogVerdict | null>> {
  const walked = new Map<string, LogVerdict | null>();
  for (const sessionId of sessionIds) {
    const evidence = await pool.verifySession({ accountId, sessionId }, { signal, listed: 0 });
    if (evidence) await recordOutcome(evidence.found, evidence.verdict);
    walked.set(sessionId, evidence?.verdict ?? null);
  }
  return walked;
}
