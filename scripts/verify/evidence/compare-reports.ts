// What two reports say of each other.
import { canonicalize, type JsonObject, type JsonValue } from '../../../shared/audit/canonical-json.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { closedIn } from './check-completeness.ts';
import { figuresOf, rootHexOf } from './check-entries.ts';
import type { SignedLog } from './check-log.ts';
import type { Evidence } from './open-report.ts';
import { at, timeOf } from './read-json.ts';
import { holds, judge, unchecked, type Verdict, type Verdicts, wrong } from './verdict.ts';

export type Found = Readonly<{ verdicts: Verdicts; evidence: Evidence | null; seen: readonly SignedLog[] }>;

/** A report may take as long from reading its log to the time that it states: `REPORT_TIMEOUT_MS` at its most. */
const ORDER_MS = HOUR_MS;

export function compareReports(first: Found, second: Found): Verdict {
  return judge(() => {
    if (!isSigned(first) || !isSigned(second)) return unchecked('not both are signed by a given key');
    refuseTwoRoots(first.seen, second.seen);
    const [a, b] = [factsOf(first), factsOf(second)];
    if (!a || !b) return unchecked('they are not both on one session');
    refuseShrunkLog(a, b);
    if (a.sessionId !== b.sessionId) return unchecked('they are on two sessions');
    return compareFacts(a, b);
  });
}

const isSigned = ({ verdicts }: Found) => holds(verdicts.statement) || holds(verdicts.log);

function refuseTwoRoots(first: readonly SignedLog[], second: readonly SignedLog[]): void {
  for (const a of first) {
    for (const b of second) {
      const isOne = a.origin === b.origin && a.size === b.size;
      if (isOne && Buffer.compare(a.root, b.root) !== 0) {
        wrong(`these cannot both be true: two roots of one log\n${a.note.text}\n${b.note.text}`);
      }
    }
  }
}

/** Values by what they are, each signed. */
type Values = ReadonlyMap<string, JsonValue | undefined>;

type Facts = Readonly<{
  report: JsonObject;
  sessionId: string;
  /** Milliseconds; null where no statement is over the time. */
  madeAt: number | null;
  /** Entries of the account log that the report saw; null where no statement says so. */
  logSize: number | null;
  /** What a session is given as it begins. */
  given: Values;
  /** What a seal covers besides. */
  sealed: Values;
  /** What the entries alone decide. */
  figures: Values;
  size: number;
  rootHex: string;
  isEnded: boolean;
  isSealed: boolean;
  /** Null where they are not there, or are not verified. */
  entries: readonly Uint8Array[] | null;
  signed: string;
}>;

/** Null for a report over many sessions. */
function factsOf({ verdicts, evidence, seen }: Found): Facts | null {
  if (evidence?.scope !== 'session') return null;
  const { report, entries, note } = evidence;
  const of = (...path: string[]) => at(report, ...path);
  const closed = holds(verdicts.log) ? closedIn(evidence) : null;
  const isStated = holds(verdicts.statement);
  const areVerified = holds(verdicts.entries);
  const counts = ['redaction_count', 'redactions_by_kind', 'redactions_by_pass'];
  const logSize = of('evidence', 'log_size');
  return {
    report,
    sessionId: of('session_id') as string,
    madeAt: isStated ? timeOf(of('generated_at')) : null,
    logSize: isStated && closed && typeof logSize === 'number' ? logSize : null,
    given: new Map([
      ['account', of('account', 'id')],
      ['agent', of('agent', 'id')],
      ['start', of('session', 'started_at')],
      ['audit key', of('audit_log', 'key_id')],
    ]),
    sealed: new Map([
      ['end', of('session', 'ended_at')],
      ['status', of('session', 'status')],
      ['policy', of('policy', 'sha256')],
    ]),
    figures: new Map([
      ['end_hash', of('audit_log', 'end_hash')],
      // The account log's entry says nothing of them.
      ...(isStated || areVerified ? counts.map((name) => [name, of(name)] as const) : []),
    ]),
    size: of('audit_log', 'event_count') as number,
    rootHex: of('merkle_root_hex') as string,
    isEnded: of('session', 'ended_at') !== null,
    // By the report's word, too: the axis log fails where it says sealed and no seal was logged.
    isSealed: of('audit_log', 'state') === 'sealed' || (closed?.seal ?? null) !== null,
    entries: areVerified ? entries : null,
    signed: isStated
      ? Buffer.from(note ?? []).toString()
      : `${seen[0]?.note.text}${closed?.merkle_root_hex}\n`,
  };
}

/** Both orders where the times do not tell which report was made first. */
function ordersOf(a: Facts, b: Facts): readonly (readonly [earlier: Facts, later: Facts])[] {
  const elapsed = a.madeAt === null || b.madeAt === null ? 0 : b.madeAt - a.madeAt;
  const [forth, back] = [[a, b] as const, [b, a] as const];
  if (Math.abs(elapsed) <= ORDER_MS) return [forth, back];
  return elapsed > 0 ? [forth] : [back];
}

/** An account log only grows, whichever sessions its reports are on. */
function refuseShrunkLog(a: Facts, b: Facts): void {
  const sizes = ordersOf(a, b).map(([earlier, later]) => [earlier.logSize, later.logSize] as const);
  const [before, after] = sizes.length === 1 && sizes[0] ? sizes[0] : [null, null];
  if (before !== null && after !== null && after < before)
    contradiction(a, b, `the account log had ${before} entries, and ${after} later`);
}

function compareFacts(a: Facts, b: Facts): string {
  refuseDifference(a.given, b.given, (what) => contradiction(a, b, `one session with two values of ${what}`));
  const [smaller, larger] = a.size <= b.size ? [a, b] : [b, a];
  const isOneSize = a.size === b.size;
  if (isOneSize && a.rootHex !== b.rootHex) contradiction(a, b, `${a.size} entries with two roots`);
  if (smaller.isSealed && !isOneSize)
    contradiction(a, b, `a log sealed with ${smaller.size} entries has ${larger.size}`);
  const reasons = ordersOf(a, b).map(([earlier, later]) => whyNot(earlier, later));
  if (!reasons.includes(null)) contradiction(a, b, reasons.join('; or, in the other order, '));
  if (isOneSize) return compareEqual(a, b);
  if (larger.entries === null)
    return unchecked('the larger report does not carry the entries, or they are not verified');
  const lines = larger.entries.slice(0, smaller.size);
  if (rootHexOf(lines) !== smaller.rootHex)
    contradiction(a, b, `the first ${smaller.size} entries of the larger log give another root`);
  refuseDifference(smaller.figures, figuresOf(larger.report, lines), (what) =>
    contradiction(a, b, `the first ${smaller.size} entries of the larger log give another ${what}`),
  );
  const [longer, shorter] = larger === b ? ['second', 'first'] : ['first', 'second'];
  return `the ${longer} extends the ${shorter} by ${larger.size - smaller.size} entries`;
}

function compareEqual(a: Facts, b: Facts): string {
  refuseDifference(a.figures, b.figures, (what) =>
    contradiction(a, b, `the same ${a.size} entries with two values of ${what}`),
  );
  if (a.isSealed && b.isSealed)
    refuseDifference(a.sealed, b.sealed, (what) =>
      contradiction(a, b, `one sealed log with two values of ${what}`),
    );
  return 'the same log';
}

/** Why a later report cannot be true beside an earlier one; null where it can. */
function whyNot(earlier: Facts, later: Facts): string | null {
  if (later.size < earlier.size) return `the log had ${earlier.size} entries, and ${later.size} later`;
  if (earlier.isEnded && !later.isEnded) return 'the session had ended, and is open later';
  return earlier.isSealed && !later.isSealed ? 'the log was sealed, and is not later' : null;
}

/** Calls `refuse` for the first value that both state, and state otherwise. */
function refuseDifference(one: Values, other: Values, refuse: (what: string) => never): void {
  for (const [what, value] of one) {
    if (other.has(what) && canonicalize(other.get(what)) !== canonicalize(value)) refuse(what);
  }
}

function contradiction(a: Facts, b: Facts, why: string): never {
  return wrong(`these cannot both be true: ${why}\n${a.signed}\n${b.signed}`);
}
