// A row of the ledger as a line of `reports.ndjson`, and back.
import { z } from 'zod';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { isId } from '../../shared/audit/ids.ts';
import { LOG_STATES } from '../../shared/audit/verdict.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { REPORT_SCOPES } from '../../shared/reports/subject.ts';
import { WIDE_FORMATS } from '../../shared/reports/wide-formats.ts';
import { readPlainJson } from './plain-json.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const time = z.iso.datetime({ precision: 3 }).transform((text) => new Date(text));
const note = z.string().max(16_384);

/** The time of a ULID has 48 bits: its first digit is 7 at most. */
const LATEST_ID = /_[0-7]/;

const schema = z.strictObject({
  id: z.string().refine((id) => isId('report', id) && LATEST_ID.test(id), 'must be a report’s id'),
  account_id: z.string(),
  user_id: z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be an id of 1 to 100 characters'),
  scope: z.enum(REPORT_SCOPES),
  session_id: z
    .string()
    .refine((id) => isId('session', id), 'must be a session’s id')
    .nullable(),
  agent_id: z
    .string()
    .refine((id) => isId('agent', id), 'must be an agent’s id')
    .optional(),
  since: time,
  until: time.nullable(),
  root_hex: hash,
  size: z.int().nonnegative(),
  log_state: z.enum(LOG_STATES).nullable(),
  generated_at: time,
  json_sha256: hash,
  pdf_sha256: hash.nullable(),
  pdf_statement: note.nullable(),
  csv_sha256: hash.optional(),
  csv_statement: note.optional(),
  format: z.enum(WIDE_FORMATS).nullable(),
  statement: note.nullable(),
  entry_statement: note.optional(),
  log_index: z.int().nonnegative().optional(),
});

/** A row, with the account that it names; or what is wrong with it, without a value of it. */
export type ParsedReport =
  | Readonly<{ ok: true; accountId: string; entry: LedgerEntry }>
  | Readonly<{ ok: false; problem: string }>;

export function reportLine(accountId: string, entry: LedgerEntry): string {
  return canonicalize({
    id: entry.id,
    account_id: accountId,
    user_id: entry.userId,
    scope: entry.scope,
    session_id: entry.sessionId,
    ...(entry.agentId !== undefined && { agent_id: entry.agentId }),
    since: entry.since.toISOString(),
    until: entry.until?.toISOString() ?? null,
    root_hex: entry.rootHex,
    size: entry.size,
    log_state: entry.logState,
    generated_at: entry.generatedAt.toISOString(),
    json_sha256: entry.jsonSha256Hex,
    pdf_sha256: entry.pdfSha256Hex,
    pdf_statement: entry.pdfStatement,
    ...(entry.csvSha256Hex !== undefined && { csv_sha256: entry.csvSha256Hex }),
    ...(entry.csvStatement !== undefined && { csv_statement: entry.csvStatement }),
    format: entry.format,
    statement: entry.statement,
    ...(entry.entryStatement !== undefined && { entry_statement: entry.entryStatement }),
    ...(entry.logIndex !== undefined && { log_index: entry.logIndex }),
  });
}

export function parseReport(line: Buffer): ParsedReport {
  const json = readPlainJson(line);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, problem: `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not valid'}` };
  }
  const { data } = parsed;
  return {
    ok: true,
    accountId: data.account_id,
    entry: {
      id: data.id,
      userId: data.user_id,
      scope: data.scope,
      sessionId: data.session_id,
      ...(data.agent_id !== undefined && { agentId: data.agent_id }),
      since: data.since,
      until: data.until,
      rootHex: data.root_hex,
      size: data.size,
      logState: data.log_state,
      generatedAt: data.generated_at,
      jsonSha256Hex: data.json_sha256,
      pdfSha256Hex: data.pdf_sha256,
      pdfStatement: data.pdf_statement,
      ...(data.csv_sha256 !== undefined && { csvSha256Hex: data.csv_sha256 }),
      ...(data.csv_statement !== undefined && { csvStatement: data.csv_statement }),
      format: data.format,
      statement: data.statement,
      ...(data.entry_statement !== undefined && { entryStatement: data.entry_statement }),
      ...(data.log_index !== undefined && { logIndex: data.log_index }),
    },
  };
}
