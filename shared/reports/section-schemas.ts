// The larger sections of the report, for `report-schema.ts`.
import { z } from 'zod';
import { ANCHOR_SOURCES } from '../audit/log-record.ts';
import { isCoverageReason } from '../policy/assess-coverage.ts';
import { DETECTION_PASSES } from '../policy/policy.ts';
import { COVERAGE_STATUSES, IDENTIFIER_KEYS, SAFE_HARBOR } from '../policy/safe-harbor-catalogue.ts';
import { NEAREST_KEYS, UNREAD_KEYS_LIMIT } from '../policy/unread-keys.ts';
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
import * as wording from './wording.ts';

/** The kinds of the Safe Harbor catalogue: words of our own wherever they stand. */
export const CATALOGUE_KINDS = new Set(SAFE_HARBOR.kinds.map((row) => row.kind));
/** The names by which a log may call them. */
export const CATALOGUE_NAMES = new Set([...CATALOGUE_KINDS, ...Object.keys(SAFE_HARBOR.aliases)]);
/** The detection passes that a policy may name. */
export const PASSES: ReadonlySet<string> = new Set(DETECTION_PASSES);
/** The kinds of entries that the log's format names. */
export const EVENT_KINDS = new Set(['redaction', 'rehydration_failed', 'policy_reloaded']);

/** Whether a kind or pass of a log is one of our own words. */
export function isKnownName(name: string): boolean {
  return CATALOGUE_NAMES.has(name) || PASSES.has(name) || EVENT_KINDS.has(name);
}

// Words of the catalogue stay open in the published schema: a later catalogue is no other report format.
const catalogueWords = (description: string, allowed: Iterable<string>) => {
  const known = new Set(allowed);
  return words(description, (text) => known.has(text));
};
const status = z.enum(COVERAGE_STATUSES);
const eventId = id('event', 'Event id');
const seq = count('Position in the log, from 0');
const eventTs = time('Time of the entry as it states it, UTC')
  .nullable()
  .describe('null in reports of revisions before 6, which did not state it');
const eventKind = freeText('Kind of the entry', EVENT_KINDS);
const entityKind = freeText('A kind', CATALOGUE_NAMES)
  .nullable()
  .describe('Kind of the entity; null where the entry has none');
const identifierDetail = z.strictObject({
  key: z.enum(IDENTIFIER_KEYS).describe('The key in safe_harbor_coverage'),
  citation: catalogueWords(
    'Where the regulation names it',
    SAFE_HARBOR.identifiers.map((row) => row.citation),
  ),
  title: catalogueWords(
    'What the regulation names',
    SAFE_HARBOR.identifiers.map((row) => row.title),
  ),
  status: status.describe('As in safe_harbor_coverage'),
  applicable: z.boolean().describe('Whether voice can carry it'),
  kinds: z
    .array(catalogueWords('A kind of the catalogue', CATALOGUE_KINDS))
    .describe('Effective kinds that count'),
  detected: count('Redactions of the kinds that belong to the identifier; says nothing about coverage'),
  reason: words('Why it has this status', isCoverageReason),
});

/** The rehydration failures in the log. */
export const leakDetection = z
  .strictObject({
    rehydration_failures: count('Entries of kind rehydration_failed'),
    events: z
      .array(z.strictObject({ id: eventId, seq, ts: eventTs, kind: eventKind, entity_kind: entityKind }))
      .describe('The first 1,000 of them'),
    statement: statement('What this shows', wording.LEAK_DETECTION_STATEMENT),
  })
  .describe('The rehydration failures in the log');

const detailOf = <Identifier extends z.ZodObject>(identifier: Identifier) =>
  z.strictObject({
    catalogue_version: catalogueWords('The rules that the coverage was computed by', [SAFE_HARBOR.version]),
    basis: z.enum(wording.POLICY_BASIS).describe('The policy that it was computed from'),
    caveat: statement('What coverage does not say', { caveat: wording.COVERAGE_CAVEAT }),
    identifiers: z.array(identifier).length(IDENTIFIER_KEYS.length).describe('All 18, in order'),
    unmapped_policy_kinds: z
      .array(operatorText('As the policy writes it'))
      .describe('Kinds of the policy that the catalogue does not know; they score nothing'),
    unmapped_logged_kinds: z
      .array(freeText('As the log has it'))
      .describe('Kinds of redactions that the catalogue does not know; counted under no identifier'),
    unread_policy_keys: z
      .array(
        z.strictObject({
          place: operatorText('Where in the policy'),
          nearest: words('A known key', (text) => NEAREST_KEYS.has(text))
            .nullable()
            .describe('The known key that it resembles; null for none'),
        }),
      )
      .max(UNREAD_KEYS_LIMIT)
      .describe('Keys and passes of the policy that are not known, so that no status follows from them'),
  });

const DETAIL = 'Coverage and detections of each identifier of 45 CFR 164.514(b)(2)(i)';

/** Coverage and detections per identifier of 45 CFR 164.514(b)(2)(i). */
export const safeHarborDetail = detailOf(identifierDetail).describe(DETAIL);

/** The same of many sessions: each identifier is as good as the weakest policy that was in force. */
export const weakestDetail = detailOf(
  identifierDetail.extend({
    policy_sha256: hash('SHA-256 of the weakest policy')
      .nullable()
      .describe('The policy that this is said of: the weakest, the first of them by use; null for none'),
  }),
).describe(DETAIL);

const anchor = z.strictObject({
  source: z
    .enum(ANCHOR_SOURCES)
    .describe(
      'Where the root was kept: in the session row (stored), in the ledger of reports (reported), or in the account log (checkpoint)',
    ),
  size: count('Entries under the root'),
  root_hex: hash('The root'),
  agrees: z
    .literal(true)
    .describe('The log gives this root at this size; of a log that does not, there is no report'),
});

/** The log as it was walked for this report. */
export const auditLog = z
  .strictObject({
    event_count: count('Entries read'),
    start_hash: hash('prev_hash of the first entry: 64 zeros'),
    end_hash: hash('this_hash of the last entry; 64 zeros for an empty log'),
    key_id: operatorText('The audit key that the chain was checked with'),
    chain: z
      .literal(wording.CHAIN_VERIFIED)
      .describe('The verdict: of a log with any other, there is no report'),
    state: z
      .enum(wording.LOG_STATE_WORDS)
      .describe('open while the session runs; after its end, only a seal shows that the tail is all there'),
    first_ts: time('UTC').nullable().describe('Time of the first entry, UTC; null for an empty log'),
    last_ts: time('UTC').nullable().describe('Time of the last entry, UTC; null for an empty log'),
    anchors: z
      .array(anchor)
      .describe(
        'Every earlier root that this walk reproduced: the stored one first, then by size, largest first',
      ),
  })
  .describe('The log as it was walked for this report');

/** Times that do not fit together. */
export const timeAlerts = z
  .array(
    z.strictObject({
      code: z.enum(wording.TIME_ALERT_CODES).describe('What does not fit'),
      entries: count('Entries that it is true of').nullable().describe('null where they were not counted'),
      seq: seq.nullable().describe('The first of these entries, or the one of the earliest or latest time'),
      ts: time('UTC').nullable().describe('The earliest or latest time, UTC; null for other codes'),
      by_ms: count('How far, in milliseconds: the start, the end, the largest step back, or the entry'),
      statement: statement('What this shows', wording.TIME_ALERT_STATEMENT),
    }),
  )
  .describe('Times of the session and its entries that do not fit together; none of them fails the log');

/** Masked texts, or why none are shown. */
export const sampleTranscripts = z
  .strictObject({
    statement: statement('The label of the samples, or why there are none', wording.SAMPLE_STATEMENT),
    texts_total: count(
      'Masked texts in the logged payload; none is counted where the statement says why none is shown',
    ),
    left_out: z
      .strictObject({
        may_leak: count(
          'Masked texts passed over before the last sample: each may hold an identifier, or what masking replaced elsewhere',
        ),
        over_bound: count(
          'Texts and tables of keys of which it is not known what masking replaced: to find out would take more steps than their length allows',
        ),
      })
      .describe('What is not shown, by reason'),
    samples: z
      .array(
        z.strictObject({
          path: freeText('JSON pointer into the masked payload'),
          text: freeText('The masked text'),
          truncated: z.boolean().describe('Whether the text goes on'),
        }),
      )
      .max(20)
      .describe('The first 20 that are not left out, in the order of their paths'),
  })
  .describe('Masked texts of the session, or why none are shown');

/** The listing of entries. */
export const eventsListed = z
  .array(
    z.strictObject({
      id: eventId,
      seq,
      ts: eventTs,
      kind: eventKind,
      pass: freeText('A pass', PASSES)
        .nullable()
        .describe('Detection pass of a redaction; null for other kinds'),
      entity_kind: entityKind,
    }),
  )
  .max(1000)
  .describe('The first 1,000 entries');

/** Where a report's contents come from, and what protects each source. */
export const sources = z
  .array(
    z.strictObject({
      source: statement('Where it was read', wording.sourceWords('source')),
      used_for: statement('What the report takes from it', wording.sourceWords('used_for')),
      covered_by: statement('What protects it', wording.sourceWords('covered_by')),
    }),
  )
  .describe('Where the report comes from');

/** What was asked for, expected and read, and where the report comes from. */
export const completeness = z
  .strictObject({
    parameters: z
      .strictObject({ session_id: id('session', 'The session asked for') })
      .describe('What was asked for'),
    entries_expected: count('Entries by the recorded head'),
    entries_expected_is: z
      .enum(['exact', 'at least'])
      .describe('Only a seal fixes the head: a log without one may have grown past it'),
    entries_read: count('Entries read'),
    first_seq: seq.nullable().describe('seq of the first entry read; null for an empty log'),
    last_seq: seq.nullable().describe('seq of the last entry read; null for an empty log'),
    gaps: z.array(seq).max(0).describe('None: a log with a gap gives no report'),
    other_kinds: countsByName('Entries that are neither redactions nor rehydration failures', EVENT_KINDS),
    policy_reloads: z.array(seq).describe('seq of each policy_reloaded, the first 1,000'),
    sources,
  })
  .describe('What was asked for, expected and read');

/** With an account log and without. */
function whoCanCheckOf(who: keyof typeof wording.WHO_CAN_CHECK): Record<string, string> {
  return { logged: wording.WHO_CAN_CHECK_LOGGED[who], alone: wording.WHO_CAN_CHECK[who] };
}

/** In words, who can check which part of the report. */
export const whoCanCheck = z
  .strictObject({
    anyone: statement('Without a secret', whoCanCheckOf('anyone')),
    audit_key: statement('With the audit key', whoCanCheckOf('audit_key')),
    database_writer: statement('What is not excluded', whoCanCheckOf('database_writer')),
    nobody: statement('What cannot be proved', whoCanCheckOf('nobody')),
  })
  .describe('Who can check which part of the report');
