// Checks a report against the database: the stored log at the size that the report states, and the ledger.
import { hash } from 'node:crypto';
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { StatedReport } from '../../shared/reports/earlier-revisions.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import { LOG_STATE_WORDS } from '../../shared/reports/wording.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createRecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { ReportPool, SessionEvidence } from '../../workers/reports/pool.ts';
import { type Connected, connect } from '../command/connect.ts';
import { openPool } from '../command/open-pool.ts';
import { commandReaction } from '../command/outcome.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';
import { differingFields } from './differing-fields.ts';

export async function checkStore(
  report: StatedReport,
  json: Uint8Array,
): Promise<Readonly<{ log: Finding; ledger: Finding }>> {
  let connected: Connected;
  try {
    connected = await connect();
  } catch (error) {
    const why = unverifiable(error instanceof Error ? error.message : String(error));
    return { log: why, ledger: why };
  }
  await using store = connected;
  return { log: await checkLog(store, report), ledger: await checkLedger(store, report, json) };
}

async function checkLog(store: Connected, report: StatedReport): Promise<Finding> {
  const owner = await createFleetSessions(store.db).findOwner(report.session_id);
  if (owner === null) return unverifiable('the session is not in this database');
  if (owner !== report.account.id) return failed('the session belongs to another account');
  await using pool = await openPool(store);
  const log = { accountId: owner, sessionId: report.session_id };
  const { size, anchors } = statedBy(report);
  const evidence = await pool.verifySession(log, { signal: NEVER, anchors });
  if (!evidence) return unverifiable('the import of the session has not finished');
  const { found, verdict } = evidence;
  // Records the verdict without the file's own roots: a forged report must not mark a log as failed.
  const own = verdict.status === 'failed' ? await pool.verifySession(log, { signal: NEVER }) : evidence;
  if (own) await record(store, own);
  if (verdict.status === 'unverifiable') return unverifiable(`audit key ${verdict.keyId} is not configured`);
  if (verdict.status === 'failed') return failed(`${verdict.fault} at seq ${verdict.seq}`);

  const then = verdict.size === size ? verdict : await verifyUntil(pool, log, size);
  const differing = differingFields(report, found.session, then);
  if (differing.length > 0) return failed(`the stored log gives other values: ${differing.join(', ')}`);
  const grown = verdict.size - size;
  const stated = `${size} entries, root ${report.merkle_root_hex}`;
  return verified(`${stated}${grown > 0 ? ` (${grown} more entries since)` : ''}`);
}

async function record({ db, config }: Connected, { found, verdict }: SessionEvidence): Promise<void> {
  const sessions = createSessionRepository(db);
  await createRecordOutcome({ sessions, ...commandReaction(config) })(found, verdict);
}

const NEVER = new AbortController().signal;

/** The size and the roots of the log that the report states. */
function statedBy(report: StatedReport): { size: number; anchors: Anchor[] } {
  const { event_count: size, anchors } = report.audit_log;
  const earlier = anchors.map(({ source, size, root_hex }) => ({ source, size, rootHex: root_hex }));
  const sealed = report.audit_log.state === LOG_STATE_WORDS.sealed;
  return {
    size,
    anchors: [...earlier, { source: 'reported', size, rootHex: report.merkle_root_hex, sealed }],
  };
}

/** The verdict on the first `size` entries of a log that has grown since. */
async function verifyUntil(pool: ReportPool, log: LogRef, size: number): Promise<VerifiedLog> {
  const evidence = await pool.verifySession(log, { signal: NEVER, until: size });
  if (evidence?.verdict.status === 'verified' && evidence.verdict.size === size) return evidence.verdict;
  throw new Error('The log changed while it was read');
}

async function checkLedger({ db }: Connected, report: StatedReport, json: Uint8Array): Promise<Finding> {
  const row = await createReportLedger(db).find(report.account.id, report.id);
  if (!row) return unverifiable('the ledger of this database has no such report');
  if (row.jsonSha256Hex !== hash('sha256', json))
    return failed('the bytes are not those that were issued: the SHA-256 differs');
  const agrees =
    row.sessionId === report.session_id &&
    row.rootHex === report.merkle_root_hex &&
    row.size === report.audit_log.event_count;
  return agrees
    ? verified('the same bytes as issued')
    : failed('session, root or size differs from the ledger');
}
