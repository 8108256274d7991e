// Notes on rows which entry of the account log is about them.
import type { LogEntry, LogEntryOf } from '../../shared/transparency/log-entry.ts';
import type { KeeperDeps } from './keeper-deps.ts';

export type IndexedEntry = Readonly<{ entry: LogEntry; index: number }>;

/** Marks the rows of these entries' subjects. A row that is marked already, or gone, stays as it is. */
export async function markSubjects(
  { sessions, policies, reports }: Pick<KeeperDeps, 'sessions' | 'policies' | 'reports'>,
  accountId: string,
  entries: readonly IndexedEntry[],
): Promise<void> {
  const of = <Kind extends LogEntry['kind']>(kind: Kind) =>
    entries.flatMap(({ entry, index }) =>
      entry.kind === kind ? [{ ...(entry as LogEntryOf<Kind>), index }] : [],
    );
  await Promise.all([
    sessions.markLogged(
      accountId,
      of('session_closed').map(({ session_id, merkle_root_hex, index }) => ({
        sessionId: session_id,
        rootHex: merkle_root_hex,
        index,
      })),
    ),
    policies.markLogged(
      accountId,
      of('policy_stored').map(({ sha256: sha256Hex, index }) => ({ sha256Hex, index })),
    ),
    reports.markLogged(
      accountId,
      of('report_issued').map(({ report_id: reportId, index }) => ({ reportId, index })),
    ),
  ]);
}
