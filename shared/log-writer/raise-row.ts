// Keeps a session's row behind its log: the recorded head and the counts, always together and only upwards.

import { readEntry } from '../audit/entry.ts';
import { Tally } from '../audit/tally.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import { aggregateOf } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';

type Deps = Readonly<{ audit: SegmentRepository; sessions: SessionRepository }>;

/**
 * Brings the row of an open log up to its last entry, counting what was appended since. Whoever comes later also
 * counts for a writer that died in between, so a failure here loses nothing.
 */
export async function raiseRow(
  { audit, sessions }: Deps,
  accountId: string,
  sessionId: string,
): Promise<void> {
  for (;;) {
    const session = await sessions.find(accountId, sessionId);
    if (!session || session.log.seal !== null) return;
    const { throughSeq } = session.aggregate;
    if (!Number.isSafeInteger(throughSeq) || throughSeq < -1) return; // damaged: the close counts anew
    const tally = new Tally();
    tally.addCounts({ ...session.aggregate, otherKinds: [] });
    let size = throughSeq + 1;
    let headHashHex = session.log.headHashHex;
    for (let full = true; full; ) {
      const begin = size % SEGMENT_SIZE;
      const texts = await audit.readEntries(accountId, sessionId, Math.floor(size / SEGMENT_SIZE), begin);
      for (const text of texts) {
        const entry = readEntry(Buffer.from(text));
        if (!entry) return; // not for a counter to judge: the next check names it
        tally.add({ ...entry, id: entry.eventId });
        headHashHex = entry.thisHashHex;
      }
      size += texts.length;
      full = begin + texts.length === SEGMENT_SIZE;
    }
    if (size === throughSeq + 1) return;
    const aggregate = aggregateOf(tally.counts(), size);
    if (await sessions.raiseLog(accountId, sessionId, throughSeq, { size, headHashHex, aggregate })) return;
  }
}
