import type { LedgerEntry } from '../../../shared/reports/report-row.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import { jobPath } from './present-job.ts';
import type { LedgerRow } from './schema.ts';

/** What the ledger says of a report. */
export function presentLedgerRow(row: LedgerEntry): LedgerRow {
  const { logIndex = null } = row;
  return {
    id: row.id,
    scope: row.scope,
    session_id: row.sessionId,
    agent_id: row.agentId ?? null,
    since: presentTime(row.since),
    until: row.until && presentTime(row.until),
    merkle_root_hex: row.rootHex,
    entries: row.size,
    log_state: row.logState,
    generated_at: presentTime(row.generatedAt),
    user_id: row.userId,
    json_sha256: row.jsonSha256Hex,
    pdf_sha256: row.pdfSha256Hex,
    csv_sha256: row.csvSha256Hex ?? null,
    format: row.format,
    statement: row.statement === null ? null : jobPath(row.id, '/statement'),
    log_index: logIndex,
    proof: logIndex === null ? null : jobPath(row.id, '/proof'),
  };
}
