// The fields of a report over many sessions, beside those that every report has.
import { z } from 'zod';
import { LOG_FAULTS, LOG_STATES } from '../audit/verdict.ts';
import { COVERAGE_STATUSES, type IdentifierKey, SAFE_HARBOR } from '../policy/safe-harbor-catalogue.ts';
import { SESSION_STATUSES } from '../sessions/session.ts';
import { logIndex } from './evidence-schema.ts';
import {
  code,
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
import { CATALOGUE_KINDS, EVENT_KINDS } from './section-schemas.ts';
import * as wording from './wording.ts';

const LISTED_AT_MOST = 1000;

const sessionId = id('session', 'The session');
const agentId = id('agent', 'The agent');
const seq = count('Position in the log, from 0');
const policySha256 = hash('SHA-256 of a text in policies');
const status = z.enum(COVERAGE_STATUSES);

/** The 18 statuses. */
export const coverage = z
  .strictObject(
    Object.fromEntries(
      SAFE_HARBOR.identifiers.map(({ key, title }) => [key, status.describe(title)]),
    ) as Record<IdentifierKey, typeof status>,
  )
  .describe('Coverage of the 18 identifiers of 45 CFR 164.514(b)(2)(i), computed from the policy');

const window = z
  .strictObject({
    since: time('Start, inclusive'),
    until: time('End, exclusive'),
    tz: code('The IANA time zone of the days', /^[A-Za-z][\w+/-]*$/),
    period: code('The calendar period that was asked for', /^[1-9]\d{3}(-(Q[1-4]|\d\d(-\d\d)?))?$/)
      .nullable()
      .describe('null where times were asked for'),
  })
  .describe('Sessions belong by their start');

const byStatus = z
  .strictObject(
    Object.fromEntries(
      SESSION_STATUSES.map((name) => [name, count(`Sessions that ended ${name}`)]),
    ) as Record<(typeof SESSION_STATUSES)[number], ReturnType<typeof count>>,
  )
  .describe('Verified sessions by status; an open one is partial');

const sessions = z
  .array(
    z.strictObject({
      id: sessionId,
      agent_id: agentId,
      started_at: time('UTC'),
      ended_at: time('UTC').nullable().describe('UTC; null while the session is open'),
      status: z.enum(SESSION_STATUSES).describe('How the session ended, as its writer stated it'),
      entries: count('Entries under the root'),
      root_hex: hash('RFC 6962 root over its entries, recomputed for this report'),
      state: z.enum(LOG_STATES).describe('The state of its log when it was read'),
      redactions: count('Entries of kind redaction'),
      policy_sha256: policySha256,
      read_at: time('When its row was read, UTC: what is said of it was true then'),
      log_index: logIndex
        .nullable()
        .describe('Index of its entry in the account log; null where it has none yet'),
    }),
  )
  .describe('Every verified session, in ascending order of ids: the leaves under merkle_root_hex');

const byAgent = z
  .array(
    z.strictObject({
      agent_id: agentId,
      name: operatorText('Its name when the report was made'),
      sessions: count('Verified sessions'),
      entries: count('Their entries'),
      redactions: count('Their redactions'),
    }),
  )
  .describe('Per agent, in ascending order of ids');

const byDay = z
  .array(
    z.strictObject({
      day: code('The day by the clocks of the zone', /^\d{4}-\d\d-\d\d$/),
      since: time('Its start, or the window’s where that is later'),
      until: time('Its end, or the window’s where that is earlier'),
      sessions: count('Verified sessions that started on it'),
      redactions: count('Their redactions'),
    }),
  )
  .describe('Every day of the window, by the clocks of its zone: some have 23 or 25 hours');

const policies = z
  .array(
    z.strictObject({
      name: operatorText('As the policy states it'),
      version: z.int().min(1).describe('As the policy states it'),
      sha256: policySha256,
      text: operatorText('The YAML text, byte for byte'),
      sessions: count('Verified sessions under it'),
      first_used: time('Start of the first of them, UTC'),
      last_used: time('Start of the last of them, UTC'),
      passthrough_kinds: z
        .array(operatorText('As the policy writes it', CATALOGUE_KINDS))
        .describe('Kinds that reach the model unmasked'),
      logs_events: z.boolean().describe('Whether the policy logs redactions'),
      logs_payloads: z.boolean().describe('Whether the policy logs what was said'),
      logging: statement('What the policy leaves out of the record', wording.LOGGING_STATEMENT),
      retention_days: z.int().min(1).nullable().describe('Days; null where the policy states none'),
      retention: words('What the policy states', wording.isRetentionStatement),
      safe_harbor_coverage: coverage,
    }),
  )
  .describe('Every policy version in force, in order of first use');

const exceptions = z
  .array(
    z.strictObject({
      session_id: sessionId,
      agent_id: agentId,
      started_at: time('UTC'),
      verdict: z.enum(['failed', 'unverifiable']).describe('What was found of its log'),
      fault: z.enum(LOG_FAULTS).nullable().describe('How it failed; null where it could not be checked'),
      seq: seq.nullable().describe('The first entry at which it shows'),
      key_id: operatorText('The audit key that is not configured')
        .nullable()
        .describe('null for a failed log'),
    }),
  )
  .describe(
    'Sessions whose log failed or could not be checked: in no total, and under no leaf of merkle_root_hex',
  );

const failureEvent = z.strictObject({
  session_id: sessionId,
  id: id('event', 'Event id'),
  seq,
  ts: time('Time of the entry as it states it, UTC')
    .nullable()
    .describe('null in reports of revisions before 6, which did not state it'),
  kind: freeText('Kind of the entry', EVENT_KINDS),
  entity_kind: freeText('A kind', CATALOGUE_KINDS).nullable().describe('null where the entry has none'),
});

const leakDetection = z
  .strictObject({
    rehydration_failures: count('Entries of kind rehydration_failed'),
    events: z.array(failureEvent).max(LISTED_AT_MOST).describe('The first 1,000 of them, by session'),
    statement: statement('What this shows', wording.LEAK_DETECTION_STATEMENT),
  })
  .describe('The rehydration failures in the logs');

const auditLog = z
  .strictObject({
    verdict: z
      .enum(wording.WINDOW_VERDICTS)
      .describe(
        'verified: every log of the window. failed: see exceptions. incomplete: see exceptions, and completeness.sessions_missing and sessions_gone',
      ),
    sessions_walked: count('Verified sessions'),
    entries_read: count('Their entries'),
    states: z
      .strictObject({ open: count('Open'), sealed: count('Sealed'), unsealed: count('Ended without a seal') })
      .describe('Verified sessions by the state of their log: of an unsealed one the tail may have been cut'),
    first_ts: time('UTC').nullable().describe('The earliest first entry, UTC; null where there is none'),
    last_ts: time('UTC').nullable().describe('The latest last entry, UTC; null where there is none'),
    keys: z
      .array(
        z.strictObject({
          key_id: operatorText('An audit key'),
          sessions: count('Verified sessions under it'),
          entries: count('Their entries'),
        }),
      )
      .describe('Per audit key, by id'),
  })
  .describe('The logs as they were walked for this report');

const timeAlerts = z
  .strictObject({
    window: z
      .array(
        z.strictObject({
          code: z.enum(wording.WINDOW_ALERT_CODES).describe('What does not fit'),
          by_ms: count('How far, in milliseconds: how long the window still went on'),
        }),
      )
      .describe('What is odd of the window itself'),
    sessions: count('Verified sessions with times that do not fit together'),
    listed: z
      .array(
        z.strictObject({ session_id: sessionId, code: z.enum(wording.TIME_ALERT_CODES).describe('What') }),
      )
      .max(LISTED_AT_MOST)
      .describe('The first 1,000; the report on the session has the times'),
  })
  .describe('Times of sessions and their entries that do not fit together; none of them fails a log');

const completeness = z
  .strictObject({
    parameters: z
      .strictObject({
        agent_id: agentId.nullable().describe('null for the whole account'),
        since: time('UTC'),
        until: time('UTC'),
        tz: window.shape.tz,
        period: window.shape.period,
        exceptions: z
          .enum(['refuse', 'list'])
          .describe('What was to be done with logs that are not verified'),
      })
      .describe('What was asked for'),
    counted_before: count('Sessions of the window before the walk'),
    counted_before_at: time('When, UTC'),
    counted_after: count('Sessions of the window after the walk'),
    counted_after_at: time('When, UTC'),
    sessions_walked: count('Verified'),
    sessions_open: count('Of these, open: walked to where they stood'),
    sessions_failed: count('Failed'),
    sessions_unverifiable: count('Not checked, for want of their key'),
    sessions_gone: z
      .array(sessionId)
      .describe('Counted before the walk, and no longer stored when it came to them'),
    entries_read: count('Entries of the verified logs'),
    other_kinds: countsByName('Entries that are neither redactions nor rehydration failures', EVENT_KINDS),
    sessions_reloaded: count('Verified sessions whose policy was reloaded meanwhile'),
    extent: statement('Whether the window was over', wording.WINDOW_EXTENT),
    account_log: statement('What the account log says of the window', wording.ACCOUNT_LOG_STATEMENT),
    log_entries_in_window: count('Entries of the account log about sessions of the window')
      .nullable()
      .describe('null where there is no account log'),
    sessions_missing: z
      .array(sessionId)
      .describe(
        'Named by such an entry, and not stored any more in this window: deleted, or moved out of it',
      ),
    sessions_not_logged: z
      .array(sessionId)
      .describe('Verified and closed, and not under the checkpoint yet as they are'),
    sources: sections.sources,
  })
  .describe('What was asked for, expected and read');

const sampleTranscripts = z
  .strictObject({
    statement: statement('The label of the samples, or why there are none', wording.WINDOW_SAMPLE_STATEMENT),
    sessions_considered: count(
      'Sessions that were looked at, in the order of SHA-256 over root and session id',
    ),
    sessions_without: count('Of these, sessions of which no text may be shown'),
    samples: z
      .array(
        z.strictObject({
          session_id: sessionId,
          path: freeText('JSON pointer into the masked payload'),
          text: freeText('The masked text'),
          truncated: z.boolean().describe('Whether the text goes on'),
        }),
      )
      .max(20)
      .describe('One text a session: the first that may be shown'),
  })
  .describe('Masked texts of the window, or why none are shown');

/** What a wide report has besides the fields of every report, `agent_id` and `agent` of the scope agent apart. */
export const windowFields = {
  window,
  sessions_total: count('Verified sessions'),
  sessions_by_status: byStatus,
  sessions,
  redactions_by_agent: byAgent,
  redactions_by_day: byDay,
  policies,
  exceptions,
  leak_detection: leakDetection,
  audit_log: auditLog,
  time_alerts: timeAlerts,
  completeness,
  sample_transcripts: sampleTranscripts,
};
