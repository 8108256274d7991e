// A session's redaction events as its page shows them, written out in a thread.

import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { REDACTION, readEntry } from '../../shared/audit/entry.ts';
import { Tally } from '../../shared/audit/tally.ts';
import type { SegmentReader } from '../../shared/log-store/segment-reader.ts';
import type { EventsOutcome, EventsTask } from '../reports/tasks.ts';

/**
 * JSON text of the redactions among the stored entries, as members of an array, in stored order. The log may be wrong:
 * what can be read is shown, what cannot or is another session's is passed over, and the verdict beside it says so.
 */
export async function presentEvents(reader: SegmentReader, task: EventsTask): Promise<EventsOutcome> {
  const segments = await reader.read(task.log.accountId, task.log.sessionId, task.indexes);
  const tally = new Tally();
  const events: string[] = [];
  let taken = 0;
  for (const { bytes, begins, ends } of segments) {
    for (const [i, begin] of begins.entries()) {
      if (taken === task.limit) break;
      taken += 1;
      const entry = readEntry(bytes.subarray(begin, ends[i]));
      if (entry?.sessionId !== task.log.sessionId) continue;
      tally.add({ ...entry, id: entry.eventId });
      if (entry.kind === REDACTION) events.push(presentEvent(entry.members));
    }
  }
  const json = Uint8Array.from(Buffer.from(events.join(',')));
  return { json, counts: tally.counts(), taken };
}

const EVENT_FIELDS = ['event_id', 'pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid'];

function presentEvent(members: ReadonlyMap<string, unknown>): string {
  return `{${EVENT_FIELDS.map((name) => `"${name}":${canonicalize(members.get(name))}`).join(',')}}`;
}
