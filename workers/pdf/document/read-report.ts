// The bytes of a report back into the report. Names from a log come back in Maps: an object would drop `__proto__`
// and put integer-like names first.
import { canonicalize, type JsonValue, parseJson } from '../../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../../shared/audit/decode-utf8.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type Report, reportEnvelopeSchema } from '../../../shared/reports/report-schema.ts';

/** Reads what `serializeReport` wrote; throws `report_generation_failed` for anything else. */
export function readReport(reportJson: Uint8Array): Report {
  const written = parseCanonical(reportJson);
  const checked = reportEnvelopeSchema.safeParse(plainOf(written));
  if (!checked.success) throw unreadable('is not as its published schema says');
  const { report } = checked.data;
  return {
    ...report,
    redactions_by_kind: countsAt(written, 'redactions_by_kind'),
    redactions_by_pass: countsAt(written, 'redactions_by_pass'),
    completeness: { ...report.completeness, other_kinds: countsAt(written, 'completeness', 'other_kinds') },
  };
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

function countsAt(envelope: JsonValue, ...path: readonly string[]): ReadonlyMap<string, number> {
  let value: JsonValue | undefined = envelope;
  for (const name of ['report', ...path]) value = value instanceof Map ? value.get(name) : undefined;
  const counts = new Map<string, number>();
  for (const [name, count] of value instanceof Map ? value : []) {
    if (!Number.isSafeInteger(count) || (count as number) < 0) throw unreadable('has a count that is none');
    counts.set(name, count as number);
  }
  return counts;
}

function unreadable(what: string, cause?: unknown): AppError {
  return new AppError('report_generation_failed', `The report's JSON ${what}`, { cause });
}
