// The axis `completeness` of a session.
import { type Closed, readClosed, readTlogProof } from './check-log.ts';
import type { Evidence } from './open-report.ts';
import { at } from './read-json.ts';
import { hasFailed, readable, unchecked, type Verdict, wrong } from './verdict.ts';

/** The entry on the closed session; null where none can be read. */
export function closedIn({ report, tlogProof }: Evidence): Closed | null {
  return readable(() => {
    // A pack's own `session_closed.json` says nothing without a proof.
    const text = at(report, 'evidence', 'session_closed');
    if (text !== undefined) return readClosed(text);
    return readClosed(tlogProof === null ? undefined : readTlogProof(Buffer.from(tlogProof).toString()).text);
  });
}

export function checkComplete(evidence: Evidence, entries: Verdict, log: Verdict): string {
  if (evidence.entries === null) return unchecked('there are no entries in it');
  if (hasFailed(log)) return unchecked('the log failed');
  const closed = closedIn(evidence);
  if (closed === null) return unchecked('there is no entry of the log in it');
  const { length } = evidence.entries;
  if (length !== closed.size) wrong(`the session closed with ${closed.size} entries, and ${length} are here`);
  if (hasFailed(entries)) return unchecked('the entries failed');
  return checkSealed(closed);
}

export function checkSealed({ ended_at: endedAt, seal, size }: Closed): string {
  if (endedAt === null) return unchecked('the session is open');
  if (seal === null) return unchecked('the log is unsealed: its tail may have been cut');
  return `all ${size} entries of the sealed log`;
}
