// The bytes of a report back into the report. Names from a log come back in Maps: an object would drop `__proto__`
// and put integer-like names first.
import type { z } from 'zod';
import { canonicalize, type JsonValue, parseJson } from '../audit/canonical-json.ts';
import { decodeUtf8 } from '../audit/decode-utf8.ts';
import { AppError } from '../errors/app-error.ts';
import { parseExactTime } from '../time/parse-time.ts';
import { findEarlierRevision, type StatedReport, type StatedWideReport } from './earlier-revisions.ts';
import {
  type AnyReport,
  accountEnvelopeSchema,
  agentEnvelopeSchema,
  REPORT_REVISION,
  type Report,
  type ReportOnWire,
  reportEnvelopeSchema,
} from './report-schema.ts';

/** Reads what `serializeReport` wrote; throws `report_generation_failed` for anything else. */
export function readAnyReport(reportJson: Uint8Array): AnyReport {
  return readCurrent(parseCanonical(reportJson));
}

/** As `readAnyReport`, of a report on a session alone. */
export function readReport(reportJson: Uint8Array): Report {
  const report = readAnyReport(reportJson);
  if (report.scope === 'session') return report;
  throw unreadable('is a report over many sessions');
}

/** A report of some revision, or the number of a revision that this program does not know. */
export type StatedReading =
  | Readonly<{ known: true; report: StatedReport | StatedWideReport }>
  | Readonly<{ known: false; revision: number }>;

/**
 * Reads a report that this or an earlier version of the program wrote, checked against the schema of its own revision.
 * Throws `report_generation_failed` for anything else.
 */
export function readStatedReport(reportJson: Uint8Array): StatedReading {
  const written = parseCanonical(reportJson);
  const revision = revisionOf(written);
  if (revision === REPORT_REVISION) return { known: true, report: readCurrent(written) };
  const earlier = findEarlierRevision(revision);
  if (!earlier) return { known: false, revision };
  const fields = earlier.inFieldsOfToday(check(earlier.schema, written)) as ReportOnWire;
  // A published schema takes days that do not exist. The other times are compared with the log.
  if (!parseExactTime(fields.generated_at).ok) throw unreadable('names a time that does not exist');
  // The published schema has told the scopes apart.
  const stated: unknown = { ...withCounts(fields, written), revision };
  return { known: true, report: stated as StatedReport | StatedWideReport };
}

function readCurrent(written: JsonValue): AnyReport {
  switch (memberAt(written, 'report', 'scope')) {
    case 'agent':
      return withCounts(check(agentEnvelopeSchema, written), written);
    case 'account':
      return withCounts(check(accountEnvelopeSchema, written), written);
    default:
      return withCounts(check(reportEnvelopeSchema, written), written);
  }
}

function parseCanonical(reportJson: Uint8Array): JsonValue {
  const text = decodeUtf8(reportJson);
  if (text === null) throw unreadable('is not UTF-8');
  try {
    const value = parseJson(text);
    if (canonicalize(value) === text) return value;
  } catch (error) {
    throw unreadable('is not JSON', error);
  }
  throw unreadable('is not in canonical form');
}

/** Revision 1 did not name itself. */
function revisionOf(envelope: JsonValue): number {
  const revision = memberAt(envelope, 'report', 'revision') ?? 1;
  if (Number.isSafeInteger(revision) && (revision as number) > 0) return revision as number;
  throw unreadable('names a revision that is none');
}

/** The report in an envelope that fits the schema. */
function check<T>(schema: z.ZodType<Readonly<{ report: T }>>, written: JsonValue): T {
  const checked = schema.safeParse(plainOf(written));
  if (!checked.success) throw unreadable('is not as its published schema says');
  return checked.data.report;
}

function plainOf(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  if (!(value instanceof Map)) return value;
  const plain = {};
  for (const [name, member] of value) {
    // Assigning `__proto__` would set the prototype.
    Object.defineProperty(plain, name, { value: plainOf(member), enumerable: true });
  }
  return plain;
}

type Counts = ReadonlyMap<string, number>;
type Counted<R extends Readonly<{ completeness: object }>> = Omit<
  R,
  'redactions_by_kind' | 'redactions_by_pass' | 'completeness'
> &
  Readonly<{
    redactions_by_kind: Counts;
    redactions_by_pass: Counts;
    completeness: Omit<R['completeness'], 'other_kinds'> & Readonly<{ other_kinds: Counts }>;
  }>;

function withCounts<R extends Readonly<{ completeness: object }>>(report: R, written: JsonValue): Counted<R> {
  const counted: unknown = {
    ...report,
    redactions_by_kind: countsAt(written, 'redactions_by_kind'),
    redactions_by_pass: countsAt(written, 'redactions_by_pass'),
    completeness: { ...report.completeness, other_kinds: countsAt(written, 'completeness', 'other_kinds') },
  };
  return counted as Counted<R>;
}

function countsAt(envelope: JsonValue, ...path: readonly string[]): ReadonlyMap<string, number> {
  const value = memberAt(envelope, 'report', ...path);
  const counts = new Map<string, number>();
  for (const [name, count] of value instanceof Map ? value : []) {
    if (!Number.isSafeInteger(count) || (count as number) < 0) throw unreadable('has a count that is none');
    counts.set(name, count as number);
  }
  return counts;
}

function memberAt(value: JsonValue, ...path: readonly string[]): JsonValue | undefined {
  let member: JsonValue | undefined = value;
  for (const name of path) member = member instanceof Map ? member.get(name) : undefined;
  return member;
}

function unreadable(what: string, cause?: unknown): AppError {
  return new AppError('report_generation_failed', `The report's JSON ${what}`, { cause });
}
