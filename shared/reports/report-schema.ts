// The report object, Masker Audit Schema v1. Its fields stand here once: the published JSON Schema, the types and the
// leak scan's map of typed fields and free text are derived.
import { z } from 'zod';
import { SESSION_STATUSES } from '../sessions/session.ts';
import {
  sessionEvidence,
  sessionEvidenceMissing,
  windowEvidence,
  windowEvidenceMissing,
} from './evidence-schema.ts';
import {
  count,
  countsByName,
  freeText,
  hash,
  id,
  operatorText,
  statement,
  time,
  words,
} from './report-fields.ts';
import * as sections from './section-schemas.ts';
import { CATALOGUE_KINDS, PASSES } from './section-schemas.ts';
import { coverage, windowFields } from './window-schema.ts';
import * as wording from './wording.ts';

/** The name of the schema. Its version changes only with the contract's eight fields. */
export const REPORT_SCHEMA_NAME = 'masker-audit/v1';

/**
 * Counts up whenever a field beside the contract's changes. Then the JSON Schema published so far moves to
 * `revisions/`, and `earlier-revisions.ts` gets a line for it. Revision 1 had no such field.
 */
export const REPORT_REVISION = 7;

const named = (of: 'account' | 'agent') =>
  z
    .strictObject({ id: id(of, `The ${of}`), name: operatorText('Its name when the report was made') })
    .describe(`The ${of} of the report`);

/** The fields of every report, whatever its subject. */
const sharedFields = {
  id: id('report', 'New on every call'),
  generated_at: time('When the report was made, UTC'),
  redactions_by_kind: countsByName('Redactions by entity kind', CATALOGUE_KINDS),
  safe_harbor_coverage: coverage,
  schema: z.literal(REPORT_SCHEMA_NAME).describe('The name of this schema'),
  revision: z.literal(REPORT_REVISION).describe('Counts up with every change of a field below'),
  account: named('account'),
  issued_to: z
    .strictObject({
      id: operatorText('A user (usr_…) or a token (tok_…)'),
      name: operatorText('Its name when the report was made'),
    })
    .nullable()
    .describe('Who asked for the report; null in reports of revisions before 6, which did not state it'),
  redaction_count: count('Entries of kind redaction'),
  redactions_by_pass: countsByName('Redactions by detection pass', PASSES),
  baa_chain: z
    .strictObject({
      statement: statement('Whether the operator gave one', wording.BAA_STATEMENT),
      text: operatorText('A text of the operator')
        .nullable()
        .describe('What BAA_CHAIN_FILE states; null where none is configured'),
    })
    .describe('The chain of business associate agreements'),
  who_can_check: sections.whoCanCheck,
};

/** The report on a session, checked strictly: unknown fields are refused. Takes a report as its JSON reads back. */
export const reportSchema = z.strictObject({
  ...sharedFields,
  scope: z.literal('session').describe('What the report is about'),
  session_id: id('session', 'The session'),
  merkle_root_hex: hash('RFC 6962 root over all entries, recomputed on this call'),
  policy_snapshot: operatorText("The policy's YAML text, byte for byte, as in force during the session"),
  agent: named('agent'),
  session: z
    .strictObject({
      id: id('session', 'The session'),
      started_at: time('UTC'),
      ended_at: time('UTC').nullable().describe('UTC; null while the session is open'),
      duration_ms: z.number().min(0).nullable().describe('Milliseconds; null while the session is open'),
      status: z.enum(SESSION_STATUSES).describe('How the session ended, as its writer stated it'),
      upstream_model: operatorText('The model that the session used'),
      external_id: freeText('Id by which the system that wrote the session knows it')
        .nullable()
        .describe('As its writer stated it; null where it stated none'),
    })
    .describe('The session as its row has it'),
  policy: z
    .strictObject({
      name: operatorText('As the policy states it'),
      version: z.int().min(1).describe('As the policy states it'),
      sha256: hash('SHA-256 of the bytes of policy_snapshot'),
      basis: z.enum(wording.POLICY_BASIS).describe('When the policy is known to have been in force'),
      passthrough_kinds: z
        .array(operatorText('As the policy writes it', CATALOGUE_KINDS))
        .describe('Kinds that reach the model unmasked'),
      logs_events: z.boolean().describe('Whether the policy logs redactions'),
      logs_payloads: z.boolean().describe('Whether the policy logs what was said, before and after masking'),
      logging: statement('What the policy leaves out of the record', wording.LOGGING_STATEMENT),
    })
    .describe('The policy in policy_snapshot'),
  leak_detection: sections.leakDetection,
  safe_harbor_detail: sections.safeHarborDetail,
  audit_log: sections.auditLog,
  time_alerts: sections.timeAlerts,
  retention: z
    .strictObject({
      policy_retention_days: z.int().min(1).nullable().describe('Days; null where the policy states none'),
      statement: words('What the policy states', wording.isRetentionStatement),
    })
    .describe('How long the policy keeps records'),
  sample_transcripts: sections.sampleTranscripts,
  events_total: count('Entries in the log, of every kind'),
  events_listed: sections.eventsListed,
  completeness: sections.completeness,
  evidence: sessionEvidence,
  evidence_missing: sessionEvidenceMissing,
});

const wideFields = {
  ...sharedFields,
  ...windowFields,
  merkle_root_hex: hash('RFC 6962 root over one leaf a verified session, recomputed on this call'),
  policy_snapshot: operatorText(
    'The text of the one policy, byte for byte, or the texts of all as a YAML stream in order of first use',
  ),
  safe_harbor_detail: sections.weakestDetail,
  evidence: windowEvidence,
  evidence_missing: windowEvidenceMissing,
};

/** The report on an agent's sessions in a window. */
const agentReportSchema = z.strictObject({
  ...wideFields,
  scope: z.literal('agent').describe('What the report is about'),
  agent_id: id('agent', 'The agent'),
  agent: named('agent'),
});

/** The report on all sessions of an account in a window. */
const accountReportSchema = z.strictObject({
  ...wideFields,
  scope: z.literal('account').describe('What the report is about'),
});

/** The schema of a report by its scope. */
export const REPORT_SCHEMAS = {
  session: reportSchema,
  agent: agentReportSchema,
  account: accountReportSchema,
} as const;

/** The body that `format=json` sends. */
export const reportEnvelopeSchema = z.strictObject({
  report: reportSchema.describe('The compliance report of a session'),
});

/** The body that `format=json` sends of a report on an agent's sessions. */
export const agentEnvelopeSchema = z.strictObject({
  report: agentReportSchema.describe("The compliance report of an agent's sessions in a window"),
});

/** The body that `format=json` sends of a report on an account. */
export const accountEnvelopeSchema = z.strictObject({
  report: accountReportSchema.describe('The compliance report of an account in a window'),
});

const anyEnvelope = z.union([reportEnvelopeSchema, agentEnvelopeSchema, accountEnvelopeSchema]);

/** The report as its JSON reads back. */
export type ReportOnWire = z.infer<typeof reportSchema>;

/** The report on a session before it is written: objects keyed by names from a log are Maps, so that `__proto__` is a name. */
export type Report = InMemory<ReportOnWire>;

/** The report on an agent's or an account's sessions before it is written. */
export type WideReport = InMemory<z.infer<typeof agentReportSchema> | z.infer<typeof accountReportSchema>>;

/** A report on any subject. */
export type AnyReport = Report | WideReport;

/** A report without its samples, which are chosen by the rest of it. */
export type WithoutSamples<R> = R extends unknown ? Omit<R, 'sample_transcripts'> : never;

type InMemory<T> = T extends readonly (infer Item)[]
  ? readonly InMemory<Item>[]
  : T extends object
    ? string extends keyof T
      ? ReadonlyMap<string, T[string]>
      : { readonly [Key in keyof T]: InMemory<T[Key]> }
    : T;

/** The published JSON Schema (draft 2020-12) of the envelope, as kept in `report-schema.json`. */
export function publishedSchema(): object {
  return z.toJSONSchema(anyEnvelope, { target: 'draft-2020-12' });
}
