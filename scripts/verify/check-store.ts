// Checks a report against the database: the stored log at the size that the report states, and the ledger.

import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { FailedLog, VerifiedLog } from '../../shared/audit/verdict.ts';
import { explainUnverifiable } from '../../shared/audit/verdict.ts';
import type { StatedReport } from '../../shared/reports/earlier-revisions.ts';
import { findIssuedReport } from '../../shared/reports/fleet-ledger.ts';
import { LOG_STATE_WORDS } from '../../shared/reports/wording.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import { openIdentity } from '../../shared/transparency/open-signing.ts';
import { type Connected, connect } from '../command/connect.ts';
import { type LogVerifier, openVerifier } from '../command/open-verifier.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';
import { checkLedger } from './check-ledger.ts';
import { differingFields } from './differing-fields.ts';
import { type IssuedPdf, issuedPdfOf } from './issued-pdf.ts';
import { writeWhereAllowed } from './where-allowed.ts';

export type StoreFindings = Readonly<{
  /** On the stored log by itself. Nothing that a file states can make it fail. */
  log: Finding;
  /** Whether the report's statements are the log's. */
  statements: Finding;
  ledger: Finding;
  issuedPdf: IssuedPdf;
}>;

export async function checkStore(report: StatedReport, json: Uint8Array): Promise<StoreFindings> {
  let connected: Connected;
  try {
    connected = await connect({ onlyReads: true });
  } catch (error) {
    const why = unverifiable(error instanceof Error ? error.message : String(error));
    return { log: why, statements: why, ledger: why, issuedPdf: { known: false, remedy: WITH_STORE } };
  }
  await using store = connected;
  const owner = await createFleetSessions(store.db).findOwner(report.session_id);
  const row = await findIssuedReport(store.db, report.id);
  const { signing } = store.config;
  return {
    ...(await checkLog(store, report, owner)),
    ledger: await checkLedger(store, row, report, { json, isStored: owner === report.account.id }),
    issuedPdf: issuedPdfOf(row, signing && openIdentity(signing)),
  };
}

/** The remedy where there is no database. */
export const WITH_STORE =
  'Verify it where the database is, whose ledger knows the issued PDF: npm start, or set MONGODB_URI';

async function checkLog(
  store: Connected,
  report: StatedReport,
  owner: string | null,
): Promise<Pick<StoreFindings, 'log' | 'statements'>> {
  if (owner === null) return both(unverifiable('the session is not in this database'));
  await using logs = openVerifier(store);
  const ref = { accountId: owner, sessionId: report.session_id };
  const compared = await logs.verifySession(ref, { signal: NEVER, anchors: anchorsStatedBy(report) });
  // Walks again without the roots that the file states: a forged one must neither fail nor mark a log.
  const own =
    compared?.verdict.status === 'failed' ? await logs.verifySession(ref, { signal: NEVER }) : compared;
  if (!compared || !own) return both(unverifiable('the import of the session has not finished'));
  const { verdict } = own;
  await writeWhereAllowed(store).recordOutcome(own.found, verdict);
  if (verdict.status === 'unverifiable') {
    return both(unverifiable(explainUnverifiable(verdict)));
  }
  if (verdict.status === 'failed') {
    return {
      log: failed(`${verdict.fault} at seq ${verdict.seq}`),
      statements: unverifiable('the stored log failed, so nothing can be compared with it'),
    };
  }
  const log = verified(`${verdict.size} entries, root ${verdict.rootHex}`);
  if (owner !== report.account.id) {
    return { log, statements: failed('the session belongs to another account than the report names') };
  }
  if (compared.verdict.status === 'failed') {
    return { log, statements: failed(describeDisagreement(report, compared.verdict, verdict)) };
  }
  return { log, statements: await compareFields(logs, ref, report, { ...own, verdict }) };
}

const both = (finding: Finding) => ({ log: finding, statements: finding });

/** Says which of the report's roots is not one of a log that is verified without them. */
function describeDisagreement(report: StatedReport, found: FailedLog, log: VerifiedLog): string {
  const { event_count: size, anchors } = report.audit_log;
  if (size > log.size) {
    const stated = `the report covers ${size} entries, and the stored log has ${log.size}`;
    // A seal covers the log's size. Without one, whoever writes to the database may have cut the log and its ledger rows.
    return log.state === 'sealed'
      ? `${stated}, sealed`
      : `${stated}: a false report, or a log that was cut since`;
  }
  if (anchors.some((anchor) => anchor.size > log.size)) {
    return 'an anchor of the report covers more entries than the stored log has';
  }
  if (found.fault === 'seal_missing') {
    return 'the report says that the log was sealed, and it is not: a false report, or a seal that was taken off since';
  }
  return found.expected === report.merkle_root_hex
    ? "the report's root is not the log's"
    : `an anchor of the report, over ${found.seq + 1} entries, is not a root of the log`;
}

async function compareFields(
  logs: LogVerifier,
  ref: LogRef,
  report: StatedReport,
  { found, verdict }: Readonly<{ found: SessionSnapshot; verdict: VerifiedLog }>,
): Promise<Finding> {
  const { event_count: size } = report.audit_log;
  const then = verdict.size === size ? verdict : await verifyUntil(logs, ref, size);
  const differing = differingFields(report, found.session, then);
  if (differing.length > 0) {
    return failed(`the report states other values than the stored log gives: ${differing.join(', ')}`);
  }
  const grown = verdict.size - size;
  return verified(`it states what the log gives${grown > 0 ? `, ${grown} more entries since` : ''}`);
}

const NEVER = new AbortController().signal;

/** The roots of the log that the report states, its own included. */
function anchorsStatedBy(report: StatedReport): Anchor[] {
  const { event_count, anchors } = report.audit_log;
  const earlier = anchors.map(({ source, size, root_hex }) => ({ source, size, rootHex: root_hex }));
  const sealed = report.audit_log.state === LOG_STATE_WORDS.sealed;
  return [...earlier, { source: 'reported', size: event_count, rootHex: report.merkle_root_hex, sealed }];
}

/** The verdict on the first `size` entries of a log that has grown since. */
async function verifyUntil(logs: LogVerifier, log: LogRef, size: number): Promise<VerifiedLog> {
  const evidence = await logs.verifySession(log, { signal: NEVER, until: size });
  if (evidence?.verdict.status === 'verified' && evidence.verdict.size === size) return evidence.verdict;
  throw new Error('The log changed while it was read');
}
