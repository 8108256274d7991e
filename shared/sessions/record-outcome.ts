// The one reaction to what a verification found, whoever asked for it: the session is marked, the failure counted and
// logged, or a mark is taken away. A mark is for operators, the sweep and the metrics; it never decides a later
// verdict.
import type { Logger } from 'pino';
import type { FailedLog, UnverifiableLog, VerifiedLog } from '../audit/verdict.ts';
import { createReminder } from '../time/reminder.ts';
import type { Announcer } from '../webhooks/announce.ts';
import { hasMarks, type RecordedSession, type SessionSnapshot } from './session.ts';
import type { SessionRepository } from './session-repository.ts';

/** The dependencies of the reaction: the session rows, a log and a counter. */
export type OutcomeDeps = Readonly<{
  sessions: Pick<SessionRepository, 'markFailed' | 'markUnverifiable' | 'clearMarks'>;
  log: Pick<Logger, 'error' | 'info'>;
  /** Counts a log that was found to fail, for the metrics. */
  countFailed(): Promise<void> | void;
  /** Tells webhooks of a log that was found to fail. Commands have none: an operator runs them and sees what they find. */
  announcer?: Pick<Announcer, 'announce'>;
}>;

/**
 * Takes the row as the verification read it, and the verdict. Marks, counts and logs once for as long as the verdict is
 * the same; a verified log loses the marks that the row carried. Rejects with the driver's error when the database is
 * away.
 */
export type RecordOutcome = (
  found: SessionSnapshot<RecordedSession>,
  verdict: FailedLog | UnverifiableLog | VerifiedOutcome,
) => Promise<void>;

/** Of a verified log only what somebody has to look at. */
export type VerifiedOutcome = Pick<VerifiedLog, 'status' | 'disputed'>;

/** `verdict` without what a walk counted. */
export function outcomeOf({ status, disputed }: VerifiedLog): VerifiedOutcome {
  return { status, ...(disputed && { disputed }) };
}

/** The reaction of one process. A counter that rejects makes `recordOutcome` reject. */
export function createRecordOutcome({ sessions, log, countFailed, announcer }: OutcomeDeps): RecordOutcome {
  const toTell = createReminder();
  return async function recordOutcome({ session, marks, changes }, verdict) {
    const { accountId, id } = session;
    const about = { session_id: id, account_id: accountId };
    if (verdict.status === 'failed') {
      const { fault, seq, expected, calculated, event, anchor } = verdict;
      if (marks.failed?.fault !== fault || marks.failed.seq !== seq) {
        // Before the mark: a process that is killed in between leaves it to the next one, which tells nothing twice.
        const news = { type: 'log.failed', data: { session_id: id, fault, seq } } as const;
        await announcer?.announce(accountId, news, JSON.stringify([id, fault, seq, changes]));
      }
      if (!(await sessions.markFailed(accountId, id, verdict))) return;
      const at = event ? { event_id: event.id, event_ts: event.ts } : {};
      const by = anchor ? anchorFields(anchor) : {};
      log.error({ ...about, fault, seq, expected, calculated, ...at, ...by }, 'a log failed');
      await countFailed();
    } else if (verdict.status === 'unverifiable') {
      if (!(await sessions.markUnverifiable(accountId, id, verdict))) return;
      if (verdict.reason === 'damaged_row') {
        log.error(
          { ...about, field: verdict.field },
          'a row is damaged: a field is not as a writer stored it',
        );
      } else {
        log.error(
          { ...about, key_id: verdict.keyId },
          'a log is unverifiable: its audit key is not configured, or is another key of that name',
        );
      }
    } else {
      for (const { reportId, source, claim } of verdict.disputed ?? []) {
        if (!toTell(`${id} ${reportId} ${source} ${claim}`)) continue;
        const fields = { ...about, report_id: reportId, anchor_source: source, claim };
        log.error(fields, 'a row that no key of this deployment signed disagrees with a verified log');
      }
      if (!hasMarks(marks)) return;
      if (await sessions.clearMarks(accountId, id, marks)) log.info(about, 'a marked log is verified again');
    }
  };
}

function anchorFields({ source, isSigned, reportId }: NonNullable<FailedLog['anchor']>): object {
  return {
    anchor_source: source,
    anchor_signed: isSigned,
    ...(reportId !== null && { report_id: reportId }),
  };
}
