// A report against the database: the stored log at the size that the report states, and the ledger.
import { hash } from 'node:crypto';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { Report } from '../../shared/reports/report-schema.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { createReportPool } from '../../workers/reports/pool.ts';
import { type Connected, connect } from '../command/connect.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';
import { differingFields } from './differing-fields.ts';
import { walkPrefix } from './walk-prefix.ts';

export async function checkStore(
  report: Report,
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

async function checkLog(store: Connected, report: Report): Promise<Finding> {
  const sessions = createSessionRepository(store.db);
  const owner = await createFleetSessions(store.db).findOwner(report.session_id);
  if (owner === null) return unverifiable('the session is not in this database');
  if (owner !== report.account.id) return failed('the session is of another account');
  const session = await sessions.find(owner, report.session_id);
  if (!session) return unverifiable('the import of the session has not finished');

  const stated = { size: report.audit_log.event_count, rootHex: report.merkle_root_hex };
  const verdict = await walk(store, session, stated);
  if (verdict.status === 'unverifiable') return unverifiable(`audit key ${verdict.keyId} is not configured`);
  if (verdict.status === 'failed') return failed(`${verdict.fault} at seq ${verdict.seq}`);
  const then = verdict.size === stated.size ? verdict : await prefixOf(store, session, stated.size);
  const differing = differingFields(report, session, then);
  if (differing.length > 0) return failed(`the stored log gives other values: ${differing.join(', ')}`);
  const grown = verdict.size - stated.size;
  return verified(
    `${stated.size} entries, root ${stated.rootHex}${grown > 0 ? ` (${grown} more since)` : ''}`,
  );
}

// The report's root takes the place of the last one reported, so that the walk compares it at its own size.
async function walk(
  { mongodbUri, config }: Connected,
  session: Session,
  stated: Readonly<{ size: number; rootHex: string }>,
): Promise<LogVerdict> {
  const pool = await createReportPool({ mongodbUri, config });
  try {
    return await pool.walk(session, { signal: new AbortController().signal, lastReported: stated });
  } finally {
    await pool.close();
  }
}

function prefixOf({ db, config }: Connected, session: Session, size: number) {
  const key = createKeyring(config.auditKeys).find(session.log.keyId, session.log.keyCheck);
  // The whole log was just walked with it.
  if (!key) throw new Error(`The audit key ${session.log.keyId} is not configured.`);
  return walkPrefix(createSegmentReader(db), session, key, size);
}

async function checkLedger({ db }: Connected, report: Report, json: Uint8Array): Promise<Finding> {
  const row = await createReportLedger(db).find(report.account.id, report.id);
  if (!row) return unverifiable('the ledger of this database has no such report');
  if (row.jsonSha256Hex !== hash('sha256', json))
    return failed('it is not what was issued: its SHA-256 differs');
  const agrees =
    row.sessionId === report.session_id &&
    row.rootHex === report.merkle_root_hex &&
    row.size === report.audit_log.event_count;
  return agrees ? verified('the very bytes that were issued') : failed('session, root or size differ');
}
