// Which sessions a report over many would have taken from what may not leave: by their ids, so that an operator knows where
// to look. Never by the text.
import type { LeakFinder } from './leak-finder.ts';
import type { LeakHit } from './leak-scan.ts';
import type { WideReport } from './report-schema.ts';
import type { WindowFacts } from './window-facts.ts';

type Searched = Readonly<{
  report: WideReport;
  facts: WindowFacts;
  finder: LeakFinder;
  hits: readonly LeakHit[];
}>;

/** Ids in ascending order, each once; none where no hit is in a text of a session's. */
export function leakingSessions({ report, facts, finder, hits }: Searched): string[] {
  const found = new Set<string>();
  for (const { field } of hits) {
    const [, list, index] =
      /^(leak_detection\.events|sample_transcripts\.samples)\[(\d+)\]/.exec(field) ?? [];
    if (list === undefined) continue;
    const rows =
      list === 'leak_detection.events' ? report.leak_detection.events : report.sample_transcripts.samples;
    const row = rows[Number(index)];
    if (row) found.add(row.session_id);
  }
  // A total of the window tells no session: its names were noted while the logs were walked.
  if (hits.some(({ field }) => /^redactions_by|^completeness\.other_kinds|^safe_harbor_detail/.test(field))) {
    for (const [name, sessionId] of facts.walked.namedBy) {
      if (finder.find(name).length > 0) found.add(sessionId);
    }
  }
  return [...found].sort();
}

/** Sessions named in a message. */
const NAMED = 5;

/** The end of a sentence about what was found. */
export function nameSessions(ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  return `; in the log or the payloads of ${ids.slice(0, NAMED).join(', ')}${more}`;
}
