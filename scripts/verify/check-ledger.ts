// Checks a report against the ledger. Whoever writes to the database can add a row of any content, so a row counts only
// where it bears a statement over these bytes that a key of this deployment has signed.
import { hash } from 'node:crypto';
import type { StatedReport, StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import type { IssuedReport } from '../../shared/reports/fleet-ledger.ts';
import { readReportIssued } from '../../shared/reports/stated-entry.ts';
import { findReportEntry } from '../../shared/transparency/find-entries.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import { type LogIdentity, logKeys, logOrigin } from '../../shared/transparency/log-origin.ts';
import { createLogReader, type LoggedEntry } from '../../shared/transparency/log-reader.ts';
import { isSignedBy, parseNote } from '../../shared/transparency/note.ts';
import { openIdentity } from '../../shared/transparency/open-signing.ts';
import { parseStatement } from '../../shared/transparency/statement.ts';
import type { Connected } from '../command/connect.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';
import { checkPdfStatement } from './issued-pdf.ts';

type AnyReport = StatedReport | StatedWideReport;

/** `isStored`: whether this database has a session of the report, under the account that the report names. */
export async function checkLedger(
  { db, config }: Pick<Connected, 'db' | 'config'>,
  row: IssuedReport | null,
  report: AnyReport,
  { json, isStored }: Readonly<{ json: Uint8Array; isStored: boolean }>,
): Promise<Finding> {
  const identity = config.signing && openIdentity(config.signing);
  const found = row
    ? await judgeRow(db, identity, row, report, json)
    : // A report is recorded before it is sent, so one that was issued where its session is has its row.
      { finding: notRecorded(report, isStored), blamed: 'its row in the ledger was removed since' };
  if (!identity || found.blamed === null) return found.finding;
  // What is signed comes first: a row that was removed or changed makes no false report of a true one.
  const proof = await proveIssued({ db, identity }, row, report, json);
  return proof ? failed(`${proof}; ${found.blamed}`) : found.finding;
}

/** `blamed`: what is wrong of the row, should anything signed prove the report; null where the finding says it already. */
type Judged = Readonly<{ finding: Finding; blamed: string | null }>;

async function judgeRow(
  db: Connected['db'],
  identity: LogIdentity | null,
  row: IssuedReport,
  report: AnyReport,
  json: Uint8Array,
): Promise<Judged> {
  const by = (members: string, finding: Finding): Judged => ({
    finding,
    blamed: `its row in the ledger was changed since: ${members}`,
  });
  const difference = findDifference(row, report, json);
  if (difference) return by(difference.members, failed(difference.problem));
  if (identity && checkPdfStatement(identity, row) === 'forged') {
    return { finding: failed(FORGED_PDF), blamed: null };
  }
  if (row.statement === null) return by('statement', unverifiable(UNSIGNED));
  if (!identity) return { finding: unverifiable(NO_KEY), blamed: null };
  const forgery = findForgery(identity, row.statement, report, json);
  if (forgery !== null) return by('statement', failed(forgery));
  return { finding: await checkEntry(db, identity, row, report), blamed: null };
}

/** Of a row under a statement that holds. */
async function checkEntry(
  db: Connected['db'],
  identity: LogIdentity,
  row: IssuedReport,
  report: AnyReport,
): Promise<Finding> {
  const signed = 'the same bytes as issued, under a statement signed by this deployment';
  const { logIndex, jsonSha256Hex } = row;
  const reader = createLogReader(db, identity);
  const accountId = report.account.id;
  try {
    const named = logIndex === null ? null : await reader.entry(accountId, logIndex);
    if (named && isEntryOf(named.text, jsonSha256Hex, report))
      return verified(`${signed}; entry ${logIndex} of the account log`);
    // Whoever writes to the database can take the index off the row, or put another there: the whole log is asked.
    const found = await findReportEntry(reader, accountId, report.id, 0);
    if (found && !isEntryOf(found.text, jsonSha256Hex, report)) {
      return failed(
        `entry ${found.index} of the account log says that another report was issued under its id, whatever its statement says`,
      );
    }
    if (logIndex === null) {
      const where = found ? `entry ${found.index} of the account log, which its row does not name` : NOT_YET;
      return verified(`${signed}; ${where}`);
    }
    if (found)
      return failed(`${issuedBy(found)}; its row in the ledger was changed since: account log entry`);
    return named
      ? failed(`its row names entry ${logIndex} of the account log, which is not this report's`)
      : verified(`${signed}; no signed checkpoint of the account log covers it yet`);
  } catch (error) {
    if (!(error instanceof DamagedLog)) throw error;
    return failed(`the account log contradicts its signed checkpoint: ${error.message}`);
  }
}

const NOT_YET = 'not in the account log yet';

function issuedBy({ index }: Pick<LoggedEntry, 'index'>): string {
  return `these bytes were issued, as entry ${index} of the account log says`;
}

/** By what signed thing these bytes were issued under the report's id; null where nothing says so. */
async function proveIssued(
  { db, identity }: Readonly<{ db: Connected['db']; identity: LogIdentity }>,
  row: IssuedReport | null,
  report: AnyReport,
  json: Uint8Array,
): Promise<string | null> {
  if (typeof row?.statement === 'string' && findForgery(identity, row.statement, report, json) === null) {
    return 'these bytes were issued, as a statement signed by this deployment says';
  }
  const accountId = report.account.id;
  try {
    const found = await findReportEntry(createLogReader(db, identity), accountId, report.id, 0);
    return found && isEntryOf(found.text, hash('sha256', json), report) ? issuedBy(found) : null;
  } catch (error) {
    if (error instanceof DamagedLog) return null;
    throw error;
  }
}

function notRecorded({ scope }: AnyReport, isStored: boolean): Finding {
  const [its, nor] = scope === 'session' ? ['its session', 'is'] : ['its sessions', 'are'];
  return isStored
    ? failed(`${NOT_RECORDED}, which has ${its}: ${LOST}`)
    : unverifiable(`${NOT_RECORDED}, nor ${nor} ${its} stored here under its account: ${ELSEWHERE}`);
}

/** `members`: of the row, that say otherwise than the report. `problem`: what that says of a report that nothing else proves. */
type Difference = Readonly<{ members: string; problem: string }>;

/** What the row says otherwise than the report; null where it says the same. */
function findDifference(row: IssuedReport, report: AnyReport, json: Uint8Array): Difference | null {
  if (row.accountId !== report.account.id) {
    return { members: 'account', problem: 'the report of this id was issued to another account' };
  }
  if (row.jsonSha256Hex !== hash('sha256', json)) {
    return { members: 'SHA-256', problem: 'the bytes are not those that were issued: the SHA-256 differs' };
  }
  const differing = Object.entries(statedOf(report)).flatMap(([name, stated]) =>
    row[name as keyof Stated] === stated ? [] : [NAMES[name as keyof Stated]],
  );
  if (differing.length === 0) return null;
  const members = differing.join(', ');
  return { members, problem: `its row in the ledger says otherwise than the report: ${members}` };
}

type Stated = Pick<IssuedReport, keyof typeof NAMES>;

const NAMES = {
  scope: 'scope',
  sessionId: 'session',
  agentId: 'agent',
  userId: 'who asked',
  since: 'start',
  until: 'end',
  generatedAt: 'time of making',
  rootHex: 'root',
  size: 'size',
} as const;

/** What the ledger has to say of a report. A revision before 6 does not state who asked. */
function statedOf(report: AnyReport): Partial<Stated> {
  const asked = report.issued_to && { userId: report.issued_to.id };
  const both = { rootHex: report.merkle_root_hex, generatedAt: report.generated_at, ...asked };
  if (report.scope === 'session') {
    const { started_at: since, ended_at: until } = report.session;
    const { event_count: size } = report.audit_log;
    return { ...both, scope: 'session', sessionId: report.session_id, agentId: null, since, until, size };
  }
  const { scope, window } = report;
  const agentId = report.scope === 'agent' ? report.agent_id : null;
  const { since, until } = window;
  return { ...both, scope, sessionId: null, agentId, since, until, size: report.audit_log.entries_read };
}

/** Why the row's statement does not show that this report was issued; null where it does. */
function findForgery(
  identity: LogIdentity,
  statement: string,
  report: AnyReport,
  json: Uint8Array,
): string | null {
  const note = parseNote(statement);
  const stated = note && parseStatement('report', note.text);
  if (!note || !stated) return 'the statement in the ledger is none: somebody else wrote it there';
  const sha256 = hash('sha256', json, 'buffer');
  const origin = logOrigin(identity, report.account.id);
  const differing = [
    ...(stated.reportId === report.id ? [] : ['id']),
    ...(sha256.equals(stated.sha256) ? [] : ['SHA-256']),
    ...(stated.generatedAt === report.generated_at ? [] : ['time']),
    ...(stated.origin === origin ? [] : ['origin']),
  ];
  if (differing.length > 0) {
    return `the statement in the ledger is another report's: its ${differing.join(', ')} differs`;
  }
  if (logKeys(identity, report.account.id).some((key) => isSignedBy(note, key))) return null;
  return "the statement in the ledger is signed by none of this deployment's keys: it was not issued here, or an earlier key is missing in RETIRED_KEYS";
}

function isEntryOf(text: string, jsonSha256Hex: string, { account, id: reportId }: AnyReport): boolean {
  const entry = readReportIssued(text, { accountId: account.id, reportId });
  return entry?.json_sha256 === jsonSha256Hex;
}

const NOT_RECORDED = 'no report of this id was recorded for this account in this database';
const ELSEWHERE = 'verify it with the database that issued it';
const LOST = `either it was never issued here, or the ledger lost it. Look in a backup of the ledger; if the session was imported, ${ELSEWHERE}`;
const UNSIGNED =
  'the same bytes as in the ledger, whose row bears no statement: nothing but the database says that it was issued. It was issued before statements were signed, or without SIGNING_KEY, or somebody wrote the row: get a new report';
const FORGED_PDF =
  'the statement over its PDF in the ledger is not one that this deployment signed over the SHA-256 beside it: somebody changed the row, or an earlier key is missing in RETIRED_KEYS';
const NO_KEY =
  'the same bytes as in the ledger, but its statement cannot be checked: set SIGNING_KEY and LOG_ORIGIN as the service has them';
