import { z } from 'zod';
import { LOG_FAULTS } from '../../../shared/audit/verdict.ts';
import { reportEnvelopeSchema } from '../../../shared/reports/report-schema.ts';
import { idOf, paper } from '../../http/parameters.ts';
import { sessionSummary } from '../../http/session-summary.ts';

export const sessionParams = z.object({ session_id: idOf('session', 'The session') });

const FORMAT = 'format must be given once, json or pdf.';

/** `GET /sessions/{session_id}/report` */
export const reportQuery = z.object({
  format: z
    .enum(['json', 'pdf'], FORMAT)
    .default('json')
    .describe('json: Masker Audit Schema v1. pdf: the same report for people to read.'),
  paper,
});

export const reportResponse = {
  'application/json': reportEnvelopeSchema,
  'application/pdf': z.file().describe('PDF/UA, with the JSON of the report attached.'),
};

const count = z.int().nonnegative();

export const redactionEvent = z.strictObject({
  event_id: idOf('event', 'The event'),
  pass: z
    .string()
    .describe('Detection pass that found the entity.')
    .meta({ examples: ['gemma'] }),
  entity_kind: z
    .string()
    .describe('PHI kind of the entity.')
    .meta({ examples: ['NAME'] }),
  span: z
    .tuple([count, count])
    .describe('Start and end (exclusive) in the original message, in Unicode code points.')
    .meta({ examples: [[142, 156]] }),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .describe('Confidence of the detection, 0 to 1.')
    .meta({ examples: [0.94] }),
  token_kind: z
    .string()
    .describe('Format of the token that replaced the entity.')
    .meta({ examples: ['MSKV1'] }),
  kid: z
    .string()
    .describe('Key that the token was issued under.')
    .meta({ examples: ['K_HEALTHCARE'] }),
});

const payload = (description: string) => z.unknown().describe(`${description}, or null.`);

export const sessionResponse = z.strictObject({
  session: sessionSummary
    .extend({
      started_at: z.iso
        .datetime()
        .nullable()
        .describe(
          'Start of the session, UTC; null where its row holds no time, which its log_verdict tells.',
        ),
      policy_name: z
        .string()
        .describe('Policy in force during the session.')
        .meta({ examples: ['healthcare-default'] }),
      policy_version: z.int().describe('Version of the policy.'),
      metadata: z
        .record(z.string(), z.string())
        .describe('Texts that the system that wrote the session noted of it. No report states them.'),
      stage_durations_ms: z
        .record(z.string(), z.number())
        .describe('Latency of each pipeline stage, in milliseconds.')
        .meta({ examples: [{ detection: 56, tokenize: 4, upstream: 728, rehydrate: 6 }] }),
      events: z.array(redactionEvent).describe('All redactions, in the order of the log.'),
      payloads: z
        .strictObject({
          request: payload('Request that the proxy received'),
          masked: payload('Request that was sent to the model'),
          response: payload('Response that the caller got'),
        })
        .describe(
          'Members are null unless the policy in force had log_payloads: true and the login or token has payloads:read.',
        ),
      payloads_withheld: z
        .boolean()
        .describe(
          'Whether payloads are null because the login or token lacks payloads:read; then nothing tells whether any are stored.',
        ),
      merkle_root_hex: z
        .string()
        .nullable()
        .describe('The stored root; null until one is stored.')
        .meta({ examples: ['9f'.repeat(32)] }),
      log_verdict: z
        .enum(['verified', 'unverifiable', ...LOG_FAULTS])
        .describe('Verdict of the walk that this request made: a failed log is named by its fault.'),
      log_problem: z
        .string()
        .nullable()
        .describe(
          'Why the log is unverifiable: a key that is not configured, or a damaged row, of which nothing is stated. Null otherwise.',
        )
        .meta({ examples: [null] }),
    })
    .describe('The session, its redactions, and what its log proves.'),
});
