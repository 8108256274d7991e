// What a report over many sessions says of its own extent: what was asked for, counted, walked and read.
import { presentTime } from '../time/present-time.ts';
import type { WideReport } from './report-schema.ts';
import type { WalkedSession, WindowFacts } from './window-facts.ts';
import { ACCOUNT_LOG_STATEMENT, SOURCES, WINDOW_EXTENT } from './wording.ts';

/** The alerts about a window itself: one where it was not over when its report was made. */
export function windowAlerts(until: Date, generatedAt: Date): WideReport['time_alerts']['window'] {
  const leftMs = until.getTime() - generatedAt.getTime();
  return leftMs > 0 ? [{ code: 'window_not_over', by_ms: leftMs }] : [];
}

/** `completeness.extent`: nothing is claimed of a window that goes on. */
export function windowExtent(until: Date, generatedAt: Date): WideReport['completeness']['extent'] {
  return WINDOW_EXTENT[isOver(until, generatedAt) ? 'over' : 'notOver'];
}

function isOver(until: Date, generatedAt: Date): boolean {
  return windowAlerts(until, generatedAt).length === 0;
}

/** `completeness` of the report. Counts and times are those of one walk. */
export function completeness(facts: WindowFacts): WideReport['completeness'] {
  const { subject, counted, walked, exceptionsRule, baaChainText, sampled, accountLog } = facts;
  const { sessions, exceptions, gone, counts } = walked;
  const failed = exceptions.filter(({ verdict }) => verdict.status === 'failed').length;
  return {
    parameters: {
      agent_id: subject.scope === 'agent' ? subject.agentId : null,
      ...presentWindow(subject.window),
      exceptions: exceptionsRule,
    },
    counted_before: counted.before.sessions,
    counted_before_at: presentTime(counted.before.at),
    counted_after: counted.after.sessions,
    counted_after_at: presentTime(counted.after.at),
    sessions_walked: sessions.length,
    sessions_open: sessions.filter(({ state }) => state === 'open').length,
    sessions_failed: failed,
    sessions_unverifiable: exceptions.length - failed,
    sessions_gone: gone,
    entries_read: entriesOf(sessions),
    other_kinds: new Map(counts.otherKinds),
    sessions_reloaded: sessions.filter(({ wasReloaded }) => wasReloaded).length,
    extent: windowExtent(subject.window.until, facts.generatedAt),
    ...accountLogSection(facts),
    sources: [
      SOURCES.log,
      SOURCES.rows,
      SOURCES.anchors,
      ...(accountLog === null ? [] : [SOURCES.accountLog]),
      SOURCES.policy,
      SOURCES.names,
      ...(sampled.some(({ payloads }) => payloads !== null) ? [SOURCES.payloads] : []),
      ...(baaChainText === null ? [] : [SOURCES.baaChain]),
    ],
  };
}

type AccountLogFields = 'account_log' | 'log_entries_in_window' | 'sessions_missing' | 'sessions_not_logged';

function accountLogSection({
  accountLog,
  walked,
  subject,
  generatedAt,
}: WindowFacts): Pick<WideReport['completeness'], AccountLogFields> {
  if (accountLog === null) {
    const nothing = { log_entries_in_window: null, sessions_missing: [], sessions_not_logged: [] };
    return { account_log: ACCOUNT_LOG_STATEMENT.none, ...nothing };
  }
  const { entriesInWindow, missing } = accountLog;
  const notLogged = walked.sessions
    .filter(({ state, logIndex }) => state !== 'open' && logIndex === null)
    .map(({ id }) => id);
  const found =
    missing.length > 0
      ? notLogged.length > 0
        ? 'both'
        : 'missing'
      : notLogged.length > 0
        ? 'notLogged'
        : isOver(subject.window.until, generatedAt)
          ? 'complete'
          : 'completeSoFar';
  return {
    account_log: ACCOUNT_LOG_STATEMENT[found],
    log_entries_in_window: entriesInWindow,
    sessions_missing: missing,
    sessions_not_logged: notLogged,
  };
}

/** The window as reports write it. */
export function presentWindow({ since, until, tz, period }: WindowFacts['subject']['window']) {
  return { since: presentTime(since), until: presentTime(until), tz, period };
}

/** Entries of these sessions together. */
export function entriesOf(sessions: readonly WalkedSession[]): number {
  return sessions.reduce((sum, { size }) => sum + size, 0);
}
