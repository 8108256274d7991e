// Keeps a session's row behind its log: the recorded head and the counts, always together and only upwards.
import { readEntry } from '../audit/entry.ts';
import { Tally } from '../audit/tally.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import { aggregateOf, type CountedLog, type Session } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import type { Followed } from '../sessions/session-states.ts';
import { type AppendedEvent, toAppended } from './draft.ts';

type Deps = Readonly<{ audit: SegmentRepository; sessions: SessionRepository }>;

/**
 * Brings the row of an open log up to events that were just appended; `session` is the row as the appender read it. The
 * events are counted from memory where they follow what the row counts, and read again where they do not: another
 * writer was faster, or died before it raised the row. A failure loses nothing, since whoever appends next catches up.
 * Rejects with the driver's error.
 */
export async function raiseRow(
  deps: Deps,
  session: Session,
  appended: readonly AppendedEvent[],
): Promise<void> {
  const last = appended.at(-1);
  if (!last) return;
  const { accountId, id, aggregate } = session;
  const size = last.seq + 1;
  const follows = appended.every(({ seq }, i) => seq === aggregate.throughSeq + 1 + i);
  if (follows && canFollow(aggregate)) {
    const raised = addEvents(aggregate, appended, size, last.thisHashHex);
    if (await deps.sessions.raiseLog(accountId, id, followedBy(session), raised)) return;
  }
  await catchUp(deps, accountId, id, size);
}

/**
 * Brings the row of an open log up to `size` entries or more, which the log must have, by reading those not counted
 * yet.
 */
export async function catchUp(
  { audit, sessions }: Deps,
  accountId: string,
  sessionId: string,
  size: number,
): Promise<void> {
  for (let triedSeq: number | null = null; ; ) {
    const session = await sessions.find(accountId, sessionId);
    if (!session || session.log.seal !== null || !canFollow(session.aggregate)) return;
    const { throughSeq } = session.aggregate;
    // A row that refuses its own counts is not as a writer left it.
    if (throughSeq + 1 >= size || throughSeq === triedSeq) return;
    const counted = await countFrom(audit, session);
    // False where another writer raised the row meanwhile, perhaps not as far.
    if (!counted || (await sessions.raiseLog(accountId, sessionId, followedBy(session), counted))) return;
    triedSeq = throughSeq;
  }
}

/** How far the row has followed, as it was read. */
function followedBy({ aggregate, log }: Session): Followed {
  return { throughSeq: aggregate.throughSeq, size: log.size };
}

/** Counts a session's entries from the first one not counted to the end. Null where an entry cannot be read. */
async function countFrom(audit: SegmentRepository, session: Session): Promise<CountedLog | null> {
  const { accountId, id, aggregate } = session;
  const events: AppendedEvent[] = [];
  const begin = aggregate.throughSeq + 1;
  for (let at = begin, full = true; full; ) {
    const skipped = at % SEGMENT_SIZE;
    const texts = await audit.readEntries(accountId, id, Math.floor(at / SEGMENT_SIZE), skipped);
    for (const text of texts) {
      const entry = readEntry(Buffer.from(text));
      // A verification names what is wrong here; until then the row stays a lower bound.
      if (!entry) return null;
      events.push(toAppended(entry));
    }
    at += texts.length;
    full = skipped + texts.length === SEGMENT_SIZE;
  }
  const headHashHex = events.at(-1)?.thisHashHex ?? session.log.headHashHex;
  return addEvents(aggregate, events, begin + events.length, headHashHex);
}

function addEvents(
  aggregate: Session['aggregate'],
  events: readonly AppendedEvent[],
  size: number,
  headHashHex: string,
): CountedLog {
  const tally = new Tally();
  tally.addCounts(aggregate);
  for (const event of events) tally.add(event);
  return { size, headHashHex, aggregate: aggregateOf(tally.counts(), size) };
}

/** Whether the counts can be added to. No writer stores another `through_seq`; the close counts from the start. */
function canFollow({ throughSeq }: Session['aggregate']): boolean {
  return Number.isSafeInteger(throughSeq) && throughSeq >= -1;
}
