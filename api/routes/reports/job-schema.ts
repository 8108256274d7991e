import { z } from 'zod';
import { REPORT_JOB_STATUSES, REPORT_STAGES } from '../../../shared/reports/report-job.ts';
import { accountEnvelopeSchema, agentEnvelopeSchema } from '../../../shared/reports/report-schema.ts';
import { WIDE_FORMATS } from '../../../workers/reports/pool.ts';
import { idOf } from '../../http/parameters.ts';
import { ledgerRow } from './schema.ts';

export const reportJobParams = z.object({ report_id: idOf('report', 'The report') });

const time = z.iso.datetime();
const count = z.int().nonnegative();

/** `GET /reports/{report_id}`, and the answer to an order. */
export const reportJobResponse = z
  .strictObject({
    id: idOf('report', 'The report'),
    status: z
      .enum(REPORT_JOB_STATUSES)
      .describe('ready: content can be fetched. failed: see error. expired: the bytes are removed.'),
    scope: z.enum(['agent', 'account']).describe('What the report is about.'),
    agent_id: idOf('agent', 'The agent')
      .nullable()
      .describe("The agent of a report on an agent's sessions; null where the order does not hold."),
    window: z
      .strictObject({
        since: time.describe('Start, inclusive.'),
        until: time.describe('End, exclusive.'),
        tz: z.string().describe('IANA time zone of the days.'),
        period: z.string().nullable().describe('The period that was asked for; null where times were.'),
      })
      .nullable()
      .describe(
        'The window, by the start of sessions; null where the order does not hold (error.reason is stored_order).',
      ),
    format: z.enum(WIDE_FORMATS).describe('Format of the content.'),
    exceptions: z.enum(['refuse', 'list']).describe('What becomes of logs that are not verified.'),
    user_id: z
      .string()
      .nullable()
      .describe('Who ordered it: a user, or a token; null where the order does not hold.'),
    ordered_at: time.describe('When it was ordered.'),
    progress: z
      .strictObject({
        stage: z.enum(REPORT_STAGES).describe('What the worker does.'),
        sessions_done: count.describe('Sessions whose logs are walked.'),
        sessions_total: count.nullable().describe('Sessions of the window; null until the first are walked.'),
        started_at: time.describe('When the worker began.'),
        updated_at: time.describe('When the worker last told: every half second while it works.'),
        seconds_left: count
          .nullable()
          .describe('Until all are walked, at the pace until now; null in other stages.'),
      })
      .nullable()
      .describe('How far the worker has come; null before one began.'),
    finished_at: time.nullable().describe('When it became ready or failed.'),
    expires_at: time.nullable().describe('When its bytes are or were removed; null unless it was ready.'),
    generated_at: time.nullable().describe('The time that the report states; null before it is ready.'),
    merkle_root_hex: z.string().nullable().describe('The root that the report states.'),
    size: count.nullable().describe('Bytes of the content.'),
    sha256: z.string().nullable().describe('SHA-256 of the content, hex.'),
    content: z.string().nullable().describe('Path of the content; null unless the report is ready.'),
    error: z
      .strictObject({
        code: z.string().describe('An error code of the API, or cancelled.'),
        reason: z.string().nullable().describe('Why, of report_generation_failed.'),
        message: z.string().describe('What happened, and what to do.'),
      })
      .nullable()
      .describe('Why there is no report; null unless it failed.'),
  })
  .meta({ id: 'ReportJob' });

/** `GET /reports/{report_id}` */
export const reportResponse = z.union([
  reportJobResponse.extend({
    ledger: ledgerRow.nullable().describe('What the ledger says of it; null until it is recorded there.'),
  }),
  z.strictObject({
    id: idOf('report', 'The report'),
    status: z.literal('issued').describe('It was sent when it was made, and its bytes are not kept.'),
    ledger: ledgerRow.describe('What the ledger says of it.'),
  }),
]);

/** `GET /reports/{report_id}/statement` */
export const statementResponse = z
  .string()
  .describe("A signed note (C2SP signed-note) under the log's key over the SHA-256 of the report's JSON.");

/** `GET /reports/{report_id}/proof` */
export const reportProofResponse = z
  .string()
  .describe("A C2SP tlog-proof of the report's report_issued entry, which is in its extra line.");

const bytes = z.file();
export const reportContentResponse = {
  'application/json': z
    .union([agentEnvelopeSchema, accountEnvelopeSchema])
    .describe('The report, Masker Audit Schema v1.'),
  'application/pdf': bytes.describe('PDF/UA, with the JSON of the report attached.'),
  'text/csv': bytes.describe('RFC 4180: a header, then a row a session.'),
};
