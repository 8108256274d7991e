// Sessions of a report's window that are stored and that the report does not name: whoever leaves one out can make all
// figures fit.
import type { Db } from 'mongodb';
import { logIndexOf } from '../../shared/reports/account-log.ts';
import type { StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';

/** Rows that are read at once. */
const BATCH = 1_000;

/** Ids of sessions, ascending. */
export type Unnamed = Readonly<{
  /** In the account log under the report's checkpoint: the report was made after them. */
  leftOut: readonly string[];
  /** Nothing tells whether they were there when the report was made. */
  others: readonly string[];
}>;

/** Rejects with the driver's error. */
export async function findUnnamed(db: Db, report: StatedWideReport): Promise<Unnamed> {
  const { id: accountId } = report.account;
  const { window, completeness, evidence } = report;
  const sessions = createSessionRepository(db);
  const listed = await sessions.listStarted(accountId, {
    since: new Date(window.since),
    until: new Date(window.until),
    agentId: report.scope === 'agent' ? report.agent_id : null,
  });
  const named = new Set([
    ...report.sessions.map(({ id }) => id),
    ...report.exceptions.map(({ session_id: id }) => id),
    ...completeness.sessions_gone,
    ...completeness.sessions_missing,
  ]);
  const unnamed = listed.map(({ id }) => id).filter((id) => !named.has(id));
  const [leftOut, others]: [string[], string[]] = [[], []];
  for (let at = 0; at < unnamed.length; at += BATCH) {
    const ids = unnamed.slice(at, at + BATCH);
    const found = await sessions.findSnapshots(accountId, ids);
    for (const id of ids) {
      const snapshot = found.get(id);
      const index = snapshot ? logIndexOf(snapshot.session) : null;
      if (evidence !== null && index !== null && index < evidence.log_size) leftOut.push(id);
      else others.push(id);
    }
  }
  return { leftOut, others };
}
