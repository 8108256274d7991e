// What an account log holds and is not stored: a bundle whose other files were cut, or a database from which something was
// taken out, has no other sign of it.
import { type LogEntryOf, parseLogEntry } from '../../shared/transparency/log-entry.ts';
import type { LogSegments } from '../../shared/transparency/log-segments.ts';
import type { KeeperDeps } from '../../workers/account-log/keeper-deps.ts';
import { nameSome } from './problems.ts';

export type UnheldDeps = Pick<KeeperDeps, 'sessions' | 'policies' | 'reports'> &
  Readonly<{ segments: Pick<LogSegments, 'readOn'> }>;

export type UnheldKind = 'sessions' | 'altered' | 'reports' | 'policies';

/** `what`: how many, in words. `named`: the ids of the first. */
export type UnheldFound = Readonly<{ kind: UnheldKind; what: string; named: string }>;

type Unheld = Readonly<Record<UnheldKind, Set<string>>>;

/** The sessions, reports and policies that the stored account log holds and the account lacks, by kind. */
export async function findUnheld(deps: UnheldDeps, accountId: string): Promise<UnheldFound[]> {
  const unheld: Unheld = {
    sessions: new Set(),
    altered: new Set(),
    reports: new Set(),
    policies: new Set(),
  };
  for await (const { entries } of deps.segments.readOn(accountId)) {
    const parsed = entries.flatMap((bytes) => parseLogEntry(bytes.toString()) ?? []);
    const closed = parsed.filter((entry) => entry.kind === 'session_closed');
    const issued = parsed.filter((entry) => entry.kind === 'report_issued').map((entry) => entry.report_id);
    const stored = parsed.filter((entry) => entry.kind === 'policy_stored').map((entry) => entry.sha256);
    await compareSessions(deps, accountId, closed, unheld);
    const reports = await deps.reports.findLogged(accountId, issued);
    for (const id of issued) if (!reports.has(id)) unheld.reports.add(id);
    const policies = await deps.policies.findLogged(accountId, stored);
    for (const sha256 of stored) if (!policies.has(sha256)) unheld.policies.add(sha256);
    for (const entry of parsed) if (entry.kind === 'session_purged') unheld.sessions.delete(entry.session_id);
  }
  return (Object.entries(unheld) as [UnheldKind, Set<string>][])
    .filter(([, ids]) => ids.size > 0)
    .map(([kind, ids]) => ({ kind, what: `${ids.size} ${WORDS[kind]}`, named: nameSome(ids) }));
}

const WORDS = {
  sessions: 'closed sessions that are not stored',
  altered: 'sealed sessions that are stored without that seal',
  reports: 'issued reports that are not in the ledger',
  policies: 'stored policies, by SHA-256, that are not stored',
} as const satisfies Record<UnheldKind, string>;

async function compareSessions(
  { sessions }: UnheldDeps,
  accountId: string,
  closed: readonly LogEntryOf<'session_closed'>[],
  unheld: Unheld,
): Promise<void> {
  const ids = closed.map((entry) => entry.session_id);
  const rows = await sessions.findLogged(accountId, ids);
  for (const { session_id: id, seal } of closed) {
    const row = rows.get(id);
    if (!row) unheld.sessions.add(id);
    else if (seal !== null && row.session.log.seal !== seal) unheld.altered.add(id);
  }
}
