// The tasks behind what a person sees of a session: its facts, and a part of its log's entries with a survey of all of
// them. The verdict comes from the kernel beside them.
import { parseJson } from '../../shared/audit/canonical-json.ts';
import { REDACTION, readEntry } from '../../shared/audit/entry.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { Tally } from '../../shared/audit/tally.ts';
import type { CountPair } from '../../shared/audit/verdict.ts';
import { readStoredEntries } from '../../shared/log-store/segment-reader.ts';
import { AlignWork } from '../../shared/reports/align-work.ts';
import { layOutPayloads, type PayloadRows } from '../../shared/reports/payload-rows.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';
import type { NoSession } from './log-tasks.ts';
import type { PageDeps, PageTask } from './page-tasks.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** Which entries to show. Null shows those of any. */
export type EntryFilter = Readonly<{ entityKind: string | null; pass: string | null }>;

/** An entry as a person sees it; null where its kind has no such field. */
export type ViewedEntry = Readonly<{
  seq: number;
  ts: string;
  eventId: string;
  kind: string;
  pass: string | null;
  entityKind: string | null;
  /** Unicode code points, half-open. */
  span: readonly [number, number] | null;
  confidence: number | null;
  tokenKind: string | null;
  keyId: string | null;
}>;

export type EntryView = Readonly<{
  /** In the order of the log. */
  entries: readonly ViewedEntry[];
  /** Entries that pass the filter, shown or not. */
  matching: number;
  /** Entries of the log that can be read. */
  total: number;
  /** `seq` from which the next part goes on; null where nothing follows. */
  nextSeq: number | null;
  redactionsByKind: readonly CountPair[];
  redactionsByPass: readonly CountPair[];
  timeline: Timeline;
}>;

export type ViewTask = Readonly<{
  log: LogRef;
  filter: EntryFilter;
  fromSeq: number;
  limit: number;
  /** Entries of the log that are looked at: those that the verdict is on. */
  size: number;
  stop: StopFlag;
}>;

export type ViewedFacts = Readonly<{
  kind: 'found';
  found: SessionSnapshot;
  agentName: string;
  /** Null where they are withheld, the policy in force logs none, or none are stored. */
  payloads: PayloadRows | null;
}>;

/** The facts on a session that its log does not hold. */
export async function viewFacts(
  deps: PageDeps,
  { log, withPayloads, stop }: PageTask,
): Promise<ViewedFacts | NoSession> {
  const row = await deps.rows.find({ ...log });
  if (!row) return { kind: 'no_session' };
  const { agentName, payloadsJson } = await deps.page.facts(row.found.session, withPayloads);
  const work = new AlignWork(() => isStopped(stop));
  const payloads = payloadsJson === null ? null : layOutPayloads(parseJson(payloadsJson), work);
  return { kind: 'found', found: row.found, agentName, payloads };
}

/**
 * Reads the log's entries once: shows those that pass the filter from `fromSeq` on, counts the others. Leaves out what
 * cannot be read or is another session's: the verdict names it.
 */
export async function viewEntries(deps: PageDeps, task: ViewTask): Promise<EntryView> {
  const { log, filter, fromSeq, limit, size, stop } = task;
  const tally = new Tally();
  const timeline = createTimeline();
  const entries: ViewedEntry[] = [];
  let [total, matching, taken] = [0, 0, 0];
  let nextSeq: number | null = null;
  const look = () => {
    if (isStopped(stop)) throw new Error('The view of the log was stopped');
  };
  const stored = readStoredEntries(deps.reader, log.accountId, log.sessionId, look);
  for await (const { bytes, begin, end } of stored) {
    if (taken === size) break;
    taken += 1;
    const entry = readEntry(bytes.subarray(begin, end));
    if (entry?.sessionId !== log.sessionId) continue;
    total += 1;
    tally.add({ ...entry, id: entry.eventId });
    timeline.add(Date.parse(entry.ts), entry.kind === REDACTION ? (entry.entityKind ?? '') : entry.kind);
    if (filter.entityKind !== null && entry.entityKind !== filter.entityKind) continue;
    if (filter.pass !== null && entry.pass !== filter.pass) continue;
    matching += 1;
    if (entry.seq < fromSeq) continue;
    if (entries.length < limit) entries.push(viewEntry(entry));
    else nextSeq ??= entry.seq;
  }
  const { redactionsByKind, redactionsByPass } = tally.counts();
  return {
    entries,
    matching,
    total,
    nextSeq,
    redactionsByKind,
    redactionsByPass,
    timeline: timeline.finish(),
  };
}

function viewEntry(entry: NonNullable<ReturnType<typeof readEntry>>): ViewedEntry {
  const { seq, ts, eventId, kind, pass, entityKind, members } = entry;
  const text = (name: string) => (members.get(name) as string | undefined) ?? null;
  return {
    seq,
    ts,
    eventId,
    kind,
    pass,
    entityKind,
    span: (members.get('span') as [number, number] | undefined) ?? null,
    confidence: (members.get('confidence') as number | undefined) ?? null,
    tokenKind: text('token_kind'),
    keyId: text('kid'),
  };
}
