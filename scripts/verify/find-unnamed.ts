// Sessions of a report's window that are stored and that the report does not name: whoever leaves one out can make all
// figures fit.
import type { Db } from 'mongodb';
import { checkCheckpoint } from '../../shared/reports/check-checkpoint.ts';
import type { StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { StartedQuery, StartedSession } from '../../shared/sessions/started-session.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { openLogReader } from '../../workers/reports/account-logs.ts';
import { readWindowLog } from '../../workers/reports/window-log.ts';

/** Ids of sessions, ascending. */
export type Unnamed = Readonly<{
  /** In the account log under the report's checkpoint: the report was made after them. */
  leftOut: readonly string[];
  /** Nothing tells whether they were there when the report was made. */
  others: readonly string[];
}>;

/** The account log is not what was signed of it, so that it tells of no session. */
type Problem = Readonly<{ problem: string }>;

/** `identity`: null without the keys of the account logs, which alone tell. Rejects with the driver's error. */
export async function findUnnamed(
  db: Db,
  identity: LogIdentity | null,
  report: StatedWideReport,
): Promise<Unnamed | Problem> {
  const { window, completeness } = report;
  const query = {
    since: new Date(window.since),
    until: new Date(window.until),
    agentId: report.scope === 'agent' ? report.agent_id : null,
  };
  const named = new Set([
    ...report.sessions.map(({ id }) => id),
    ...report.exceptions.map(({ session_id: id }) => id),
    ...completeness.sessions_gone,
    ...completeness.sessions_missing,
  ]);
  const listed = await createSessionRepository(db).listStarted(report.account.id, query);
  const unnamed = listed.filter(({ id }) => !named.has(id));
  const logged = await listLogged(db, identity, report, { query, listed: unnamed });
  if ('problem' in logged) return logged;
  const ids = unnamed.map(({ id }) => id);
  return { leftOut: ids.filter((id) => logged.has(id)), others: ids.filter((id) => !logged.has(id)) };
}

/** Those of the sessions that the account log has under the checkpoint of the report: by its entries, whatever rows say. */
async function listLogged(
  db: Db,
  identity: LogIdentity | null,
  { account: { id: accountId }, evidence }: StatedWideReport,
  asked: Readonly<{ query: StartedQuery; listed: readonly StartedSession[] }>,
): Promise<ReadonlySet<string> | Problem> {
  const reader = openLogReader(db, identity);
  if (!reader || !identity || !evidence || asked.listed.length === 0) return new Set();
  const signed = { checkpoint: evidence.checkpoint, size: evidence.log_size };
  const checkpoint = checkCheckpoint(signed, identity, accountId);
  const under = checkpoint && { size: checkpoint.size, roots: [checkpoint] };
  const log = under && (await readWindowLog(reader, accountId, under, asked));
  if (log && 'problem' in log) return log;
  return new Set(
    [...(log?.entries ?? [])].flatMap(([id, own]) => (own.some(({ isSigned }) => isSigned) ? [id] : [])),
  );
}
