// The report object, Masker Audit Schema v1. Its fields stand here once: the published JSON Schema, the types and the
// leak scan's map of typed fields and free text are derived.
import { z } from 'zod';
import { COVERAGE_STATUSES, type IdentifierKey, SAFE_HARBOR } from '../policy/safe-harbor-catalogue.ts';
import { SESSION_STATUSES } from '../sessions/session.ts';
import { count, countsByName, hash, id, operatorText, statement, time, words } from './report-fields.ts';
import * as sections from './section-schemas.ts';
import { CATALOGUE_KINDS, PASSES } from './section-schemas.ts';
import * as wording from './wording.ts';

/** The name of the schema. Its version changes only with the contract's eight fields. */
export const REPORT_SCHEMA_NAME = 'masker-audit/v1';

/**
 * Counts up whenever a field beside the contract's changes. Then the JSON Schema published so far moves to
 * `revisions/`, and `earlier-revisions.ts` gets a line for it. Revision 1 had no such field.
 */
export const REPORT_REVISION = 3;

const status = z.enum(COVERAGE_STATUSES);
const named = (of: 'account' | 'agent') =>
  z
    .strictObject({ id: id(of, `The ${of}`), name: operatorText('Its name when the report was made') })
    .describe(`The ${of} of the session`);

/** The report, checked strictly: unknown fields are refused. Takes a report as its JSON reads back. */
export const reportSchema = z.strictObject({
  id: id('report', 'New on every call'),
  scope: z.literal('session').describe('What the report is about'),
  session_id: id('session', 'The session'),
  generated_at: time('When the report was made, UTC'),
  merkle_root_hex: hash('RFC 6962 root over all entries, recomputed on this call'),
  redactions_by_kind: countsByName('Redactions by entity kind', CATALOGUE_KINDS),
  policy_snapshot: operatorText("The policy's YAML text, byte for byte, as in force during the session"),
  safe_harbor_coverage: z
    .strictObject(
      Object.fromEntries(
        SAFE_HARBOR.identifiers.map(({ key, title }) => [key, status.describe(title)]),
      ) as Record<IdentifierKey, typeof status>,
    )
    .describe('Coverage of the 18 identifiers of 45 CFR 164.514(b)(2)(i), computed from the policy'),

  schema: z.literal(REPORT_SCHEMA_NAME).describe('The name of this schema'),
  revision: z.literal(REPORT_REVISION).describe('Counts up with every change of a field below'),
  account: named('account'),
  agent: named('agent'),
  session: z
    .strictObject({
      id: id('session', 'The session'),
      started_at: time('UTC'),
      ended_at: time('UTC').nullable().describe('UTC; null while the session is open'),
      duration_ms: z.number().min(0).nullable().describe('Milliseconds; null while the session is open'),
      status: z.enum(SESSION_STATUSES).describe('How the session ended, as its writer stated it'),
      upstream_model: operatorText('The model that the session used'),
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
  redaction_count: count('Entries of kind redaction'),
  redactions_by_pass: countsByName('Redactions by detection pass', PASSES),
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
  baa_chain: z
    .strictObject({
      statement: statement('Whether the operator gave one', wording.BAA_STATEMENT),
      text: operatorText('A text of the operator')
        .nullable()
        .describe('What BAA_CHAIN_FILE states; null where none is configured'),
    })
    .describe('The chain of business associate agreements'),
  sample_transcripts: sections.sampleTranscripts,
  events_total: count('Entries in the log, of every kind'),
  events_listed: sections.eventsListed,
  completeness: sections.completeness,
  who_can_check: sections.whoCanCheck,
});

/** The body that `format=json` sends. */
export const reportEnvelopeSchema = z.strictObject({
  report: reportSchema.describe('The compliance report of a session'),
});

/** The report as its JSON reads back. */
export type ReportOnWire = z.infer<typeof reportSchema>;

/** The report before it is written: objects keyed by names from a log are Maps, so that `__proto__` is a name. */
export type Report = InMemory<ReportOnWire>;

type InMemory<T> = T extends readonly (infer Item)[]
  ? readonly InMemory<Item>[]
  : T extends object
    ? string extends keyof T
      ? ReadonlyMap<string, T[string]>
      : { readonly [Key in keyof T]: InMemory<T[Key]> }
    : T;

/** The published JSON Schema (draft 2020-12) of the envelope, as kept in `report-schema.json`. */
export function publishedSchema(): object {
  return z.toJSONSchema(reportEnvelopeSchema, { target: 'draft-2020-12' });
}
