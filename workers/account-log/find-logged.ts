// Looks through an account log for the entries on some subjects: only the log itself says what it has.
import { type LogEntry, readLoosely } from '../../shared/transparency/log-entry.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegment } from '../../shared/transparency/log-segments.ts';
import type { KeeperDeps } from './keeper-deps.ts';

/** An entry and its place. */
export type Logged = Readonly<{ text: string; index: number }>;

/** Is told of each entry in order, and of the segment that it is in. */
type Visit = (entry: Partial<LogEntry> | null, logged: Logged, segment: LogSegment) => void;

/** The last entry on each of these subjects, among the first `size`. `visit` is told of all of them. */
export async function findLogged(
  { segments }: Pick<KeeperDeps, 'segments'>,
  accountId: string,
  subjects: ReadonlySet<string>,
  size: number,
  visit: Visit = () => {},
): Promise<ReadonlyMap<string, Logged>> {
  const found = new Map<string, Logged>();
  let begin = 0;
  for await (const segment of segments.readOn(accountId)) {
    for (const [i, bytes] of segment.entries.entries()) {
      const index = begin + i;
      if (index >= size) return found;
      const text = bytes.toString();
      const entry = readLoosely(text);
      const subject = subjectOf(entry);
      if (subject !== '' && subjects.has(subject)) found.set(subject, { text, index });
      visit(entry, { text, index }, segment);
    }
    begin += LOG_SEGMENT_SIZE;
  }
  return found;
}

/** What has one entry; nothing for entries of other kinds. */
export function subjectOf(entry: Partial<LogEntry> | null): string {
  if (entry?.kind === 'session_closed') return `${entry.kind} ${entry.session_id}`;
  if (entry?.kind === 'report_issued') return `${entry.kind} ${entry.report_id}`;
  return entry?.kind === 'policy_stored' ? `${entry.kind} ${entry.sha256}` : '';
}
