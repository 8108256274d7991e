import { z } from 'zod';
import { LOG_STATES } from '../../../shared/audit/verdict.ts';
import { accountEnvelopeSchema, agentEnvelopeSchema } from '../../../shared/reports/report-schema.ts';
import { REPORT_SCOPES } from '../../../shared/reports/subject.ts';
import { WIDE_FORMATS } from '../../../workers/reports/pool.ts';
import { listFormat } from '../../http/csv-list.ts';
import { pageResponse } from '../../http/paging.ts';
import { cursor, idOf, limit, paper, since, until } from '../../http/parameters.ts';

const FORMAT = `format must be given once, one of ${WIDE_FORMATS.join(', ')}.`;
const EXCEPTIONS = 'exceptions must be given once, refuse or list.';
const PERIOD = 'period must be given once: 2026, 2026-Q3, 2026-09 or 2026-09-14.';
const TZ = 'tz must be given once, a time zone of the IANA database such as America/New_York.';

/** `GET /reports` and `GET /agents/{agent_id}/report` */
export const wideReportQuery = z.object({
  format: z
    .enum(WIDE_FORMATS, FORMAT)
    .default('json')
    .describe('json: Masker Audit Schema v1. pdf: the same report for people to read. csv: a row a session.'),
  paper,
  since: since.describe(
    'Start of the window, inclusive, by the start of sessions: hours (24h) or days (7d) before now, or an ISO 8601 time. 30d when left out.',
  ),
  until,
  period: z
    .string(PERIOD)
    .optional()
    .describe('A year, quarter, month or day of the calendar in tz, in place of since and until.')
    .meta({ examples: ['2026-Q3'] }),
  tz: z
    .string(TZ)
    .optional()
    .describe('IANA time zone of the period and of the days. UTC when left out.')
    .meta({ examples: ['America/New_York'] }),
  exceptions: z
    .enum(['refuse', 'list'], EXCEPTIONS)
    .default('refuse')
    .describe('Logs that are not verified refuse the report, or are listed in it and counted nowhere.'),
});

export type WideReportQuery = z.output<typeof wideReportQuery>;

const files = {
  'application/pdf': z.file().describe('PDF/UA, with the JSON of the report attached.'),
  'text/csv': z.string().describe('RFC 4180: a header, then a row a session.'),
};
export const agentReportResponse = { 'application/json': agentEnvelopeSchema, ...files };
export const accountReportResponse = { 'application/json': accountEnvelopeSchema, ...files };

/** Where a page of the ledger begins, also of the console's. */
export const ledgerPageQuery = z.object({ limit, cursor });

/** `GET /reports/ledger` */
export const ledgerQuery = ledgerPageQuery.extend({ format: listFormat });

const time = z.iso.datetime();

export const ledgerRow = z
  .strictObject({
    id: idOf('report', 'The report'),
    scope: z.enum(REPORT_SCOPES).describe('What the report is about.'),
    session_id: idOf('session', 'The session').nullable().describe('The session; null of many.'),
    agent_id: idOf('agent', 'The agent').nullable().describe("The agent of a report on an agent's sessions."),
    since: time.describe('Start of the session or of the window.'),
    until: time.nullable().describe('End of the session or of the window; null while the session is open.'),
    merkle_root_hex: z.string().describe('The root that the report states.'),
    entries: z.int().nonnegative().describe('Entries under it.'),
    log_state: z.enum(LOG_STATES).nullable().describe('State of the log then; null of many sessions.'),
    generated_at: time.describe('When the report was made.'),
    user_id: z.string().describe('Who asked: a user, or a token.'),
    json_sha256: z.string().describe("SHA-256 of the report's JSON."),
    pdf_sha256: z.string().nullable().describe('SHA-256 of its PDF; null where none was issued.'),
    csv_sha256: z.string().nullable().describe('SHA-256 of its CSV; null where none was issued.'),
    format: z
      .enum(WIDE_FORMATS)
      .nullable()
      .describe('Format in which it was issued; null where that was not recorded.'),
    statement: z.string().nullable().describe('Path of its signed statement; null where none was signed.'),
    log_index: z
      .int()
      .nonnegative()
      .nullable()
      .describe('Index of its entry in the account log; null while it has none.'),
    proof: z.string().nullable().describe('Path of the proof of that entry; null while it has none.'),
  })
  .meta({ id: 'LedgerRow' });

export const ledgerResponse = pageResponse(ledgerRow, 'Reports, newest first.');
export type LedgerRow = z.infer<typeof ledgerRow>;
