// What is known of the report's earlier revisions: the JSON Schema that each published, and how its fields read today.
// A report of an earlier revision can be checked, and is never made again.
import { z } from 'zod';
import type { Report, WideReport } from './report-schema.ts';
import revision1 from './revisions/1.json' with { type: 'json' };
import revision2 from './revisions/2.json' with { type: 'json' };
import revision3 from './revisions/3.json' with { type: 'json' };
import revision4 from './revisions/4.json' with { type: 'json' };
import revision5 from './revisions/5.json' with { type: 'json' };
import revision6 from './revisions/6.json' with { type: 'json' };
import { windowAlerts, windowExtent } from './window-completeness.ts';

/** A report of any revision, in the fields of this one. Sentences of an earlier revision stand as it wrote them. */
export type StatedReport = Omit<Report, 'revision'> & Readonly<{ revision: number }>;

/** As `StatedReport`, over many sessions. The first revision of such a report is 3. */
export type StatedWideReport = WideReport extends infer Wide
  ? Wide extends WideReport
    ? Omit<Wide, 'revision'> & Readonly<{ revision: number }>
    : never
  : never;

/** What is known of an earlier revision. */
export type EarlierRevision = Readonly<{
  /** Checks the envelope, `{"report": …}`, as the JSON Schema does that the revision published. */
  schema: z.ZodType<Readonly<{ report: Fields }>>;
  /** The fields of a report that fits the schema, as this revision has them. */
  inFieldsOfToday(report: Fields): Fields;
}>;

type Fields = Readonly<Record<string, unknown>>;
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

type Step = Readonly<{
  published: unknown;
  /** The fields of the next revision. Absent where none was renamed or removed. */
  next?: (report: Fields) => Fields;
}>;

/** By revision: the first is revision 1. */
const STEPS: readonly Step[] = [
  { published: revision1, next: sealedRootAsAnchor },
  { published: revision2, next: addFieldsOf3 },
  { published: revision3, next: addFieldsOf4 },
  { published: revision4, next: addFieldsOf5 },
  { published: revision5, next: addFieldsOf6 },
  { published: revision6, next: addFieldsOf7 },
];

/** Null for a revision that this program does not know, and for its own. Compiles the schema anew at each call. */
export function findEarlierRevision(revision: number): EarlierRevision | null {
  const step = STEPS[revision - 1];
  if (!step) return null;
  return {
    schema: z.fromJSONSchema(step.published as JsonSchema) as EarlierRevision['schema'],
    inFieldsOfToday: (report) =>
      STEPS.slice(revision - 1).reduce((fields, { next }) => next?.(fields) ?? fields, report),
  };
}

const STATES_OF_1: Readonly<Record<string, string>> = {
  'closed and sealed': 'sealed',
  'not sealed: the tail may have been cut': 'unsealed: the tail may have been cut',
};

/** Revision 1 stated one earlier root, under a name that promised a seal, and in three fields. */
function sealedRootAsAnchor(report: Fields): Fields {
  const { sealed_root_hex, sealed_root_size, sealed_root_agrees, state, ...log } = report.audit_log as Fields;
  const isStated = sealed_root_hex !== null && sealed_root_size !== null;
  const anchor = {
    source: 'stored',
    size: sealed_root_size,
    root_hex: sealed_root_hex,
    agrees: sealed_root_agrees,
  };
  const words = STATES_OF_1[state as string] ?? state;
  return { ...report, audit_log: { ...log, state: words, anchors: isStated ? [anchor] : [] } };
}

/** Revision 2 looked for no odd times, listed no unknown keys of the policy, and left no masked text out. */
function addFieldsOf3(report: Fields): Fields {
  const detail = report.safe_harbor_detail as Fields;
  const samples = report.sample_transcripts as Fields;
  return {
    ...report,
    time_alerts: [],
    safe_harbor_detail: { ...detail, unread_policy_keys: [] },
    sample_transcripts: { ...samples, left_out: { may_leak: 0, over_bound: 0 } },
  };
}

/** Revision 3 had no account log. */
function addFieldsOf4(report: Fields): Fields {
  const fields = { ...report, evidence: null, evidence_missing: 'no log' };
  if (report.scope === 'session') return fields;
  const completeness = report.completeness as Fields;
  const sessions = report.sessions as readonly Fields[];
  return {
    ...fields,
    sessions: sessions.map((session) => ({ ...session, log_index: null })),
    completeness: {
      ...completeness,
      log_entries_in_window: null,
      sessions_missing: [],
      sessions_not_logged: [],
    },
  };
}

/** Revision 4 stated no id of the system that wrote the session. */
function addFieldsOf5(report: Fields): Fields {
  if (report.scope !== 'session') return report;
  return { ...report, session: { ...(report.session as Fields), external_id: null } };
}

/** Revision 5 stated neither who asked nor when an entry was made. */
function addFieldsOf6(report: Fields): Fields {
  const untimed = (events: unknown) => (events as readonly Fields[]).map((event) => ({ ...event, ts: null }));
  const leaks = report.leak_detection as Fields;
  return {
    ...report,
    issued_to: null,
    leak_detection: { ...leaks, events: untimed(leaks.events) },
    ...(report.scope === 'session' && { events_listed: untimed(report.events_listed) }),
  };
}

/**
 * Revision 6 did not say of a window that it was not over, which follows from its end, and called one verified whose sessions
 * the account log has and the database had not.
 */
function addFieldsOf7(report: Fields): Fields {
  if (report.scope === 'session') return report;
  const times = [(report.window as Fields).until, report.generated_at] as readonly string[];
  const { verdict, ...log } = report.audit_log as Fields;
  const completeness = report.completeness as Fields;
  const isMissing = (completeness.sessions_missing as readonly unknown[]).length > 0;
  const [until, generatedAt] = times.map((time) => new Date(time)) as [Date, Date];
  return {
    ...report,
    audit_log: { ...log, verdict: verdict === 'verified' && isMissing ? 'incomplete' : verdict },
    time_alerts: { ...(report.time_alerts as Fields), window: windowAlerts(until, generatedAt) },
    completeness: { ...completeness, extent: windowExtent(until, generatedAt) },
  };
}
