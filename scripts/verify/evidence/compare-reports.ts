// What two reports say of each other.

import { closedIn } from './check-completeness.ts';
import { rootHexOf } from './check-entries.ts';
import type { SignedLog } from './check-log.ts';
import type { Evidence } from './open-report.ts';
import { at } from './read-json.ts';
import { holds, judge, unchecked, type Verdict, type Verdicts, wrong } from './verdict.ts';

export type Found = Readonly<{ verdicts: Verdicts; evidence: Evidence | null; seen: readonly SignedLog[] }>;

export function compareReports(first: Found, second: Found): Verdict {
  return judge(() => {
    if (!isSigned(first) || !isSigned(second)) return unchecked('not both are signed by a given key');
    refuseTwoRoots(first.seen, second.seen);
    const [a, b] = [factsOf(first), factsOf(second)];
    if (!a || !b || a.sessionId !== b.sessionId) return unchecked('they are not on one session');
    if (a.size === b.size) {
      return a.rootHex === b.rootHex
        ? 'the same log'
        : contradiction(a, b, `${a.size} entries with two roots`);
    }
    const [smaller, larger] = a.size < b.size ? [a, b] : [b, a];
    if (smaller.isSealed) contradiction(a, b, `a log sealed with ${smaller.size} entries has ${larger.size}`);
    if (larger.entries === null) return unchecked('the larger report does not carry the entries');
    if (!larger.areVerified) return unchecked("the larger report's entries are not verified");
    if (rootHexOf(larger.entries.slice(0, smaller.size)) !== smaller.rootHex) {
      contradiction(a, b, `the first ${smaller.size} entries of the larger log give another root`);
    }
    const [longer, shorter] = larger === b ? ['second', 'first'] : ['first', 'second'];
    return `the ${longer} extends the ${shorter} by ${larger.size - smaller.size} entries`;
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

type Facts = Readonly<{
  sessionId: string;
  size: number;
  rootHex: string;
  isSealed: boolean;
  entries: readonly string[] | null;
  areVerified: boolean;
  signed: string;
}>;

/** Null for a report over many sessions. */
function factsOf({ verdicts, evidence, seen }: Found): Facts | null {
  if (evidence?.scope !== 'session') return null;
  const { report, entries, note } = evidence;
  const closed = holds(verdicts.log) ? closedIn(evidence) : null;
  const isStated = holds(verdicts.statement);
  return {
    sessionId: report.get('session_id') as string,
    size: at(report, 'audit_log', 'event_count') as number,
    rootHex: report.get('merkle_root_hex') as string,
    // By the report's word, too: the axis log fails where it says sealed and no seal was logged.
    isSealed: at(report, 'audit_log', 'state') === 'sealed' || (closed?.seal ?? null) !== null,
    entries,
    areVerified: holds(verdicts.entries),
    signed: isStated
      ? Buffer.from(note ?? []).toString()
      : `${seen[0]?.note.text}${closed?.merkle_root_hex}\n`,
  };
}

function contradiction(a: Facts, b: Facts, why: string): never {
  return wrong(`these cannot both be true: ${why}\n${a.signed}\n${b.signed}`);
}
