// The second pass over a bundle: stores the sessions in which the first found no problem. A rerun finds every write
// done, so an import that was killed goes on where it stopped.
import { ENTRY_LIMIT } from '../../shared/audit/chain.ts';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import type { Session, SessionPayloads } from '../../shared/sessions/session.ts';
import { parseSessionRow } from './bundle-rows.ts';
import type { CheckedBundle } from './check-bundle.ts';
import { LogStore, type LogStoreDeps } from './log-store.ts';
import { readLines } from './read-lines.ts';
import { routeEntry } from './route-entry.ts';
import { findDifferences } from './stored-differences.ts';
import { type NameDeps, type Naming, writeNames } from './write-names.ts';

export type ImportDeps = NameDeps & LogStoreDeps;

export type ImportCounts = { imported: number; extended: number; unchanged: number; entries: number };

/** Stores the bundle's sessions. A session that clashes with a stored one is refused, with a problem. */
export async function writeBundle(
  deps: ImportDeps,
  bundle: CheckedBundle,
  naming: Naming,
): Promise<ImportCounts> {
  const counts: ImportCounts = { imported: 0, extended: 0, unchanged: 0, entries: 0 };
  const refuse = (id: string, problem: string) => {
    (bundle.refused as Set<string>).add(id);
    bundle.problems.add(id, problem);
  };
  const unusable = await writeNames(deps, bundle, naming);
  const stores = new Map<string, LogStore>();

  const publish = async (store: LogStore) => {
    stores.delete(store.sessionId);
    const problem = await store.publish();
    if (problem !== null) return refuse(store.sessionId, problem);
    counts[store.isExtension ? 'extended' : 'imported'] += 1;
    counts.entries += store.size;
  };

  const keep = async (session: Session, payloads: SessionPayloads | null) => {
    const differing = await findDifferences(deps.sessions, session, payloads);
    if (differing.length === 0) counts.unchanged += 1;
    else refuse(session.id, `is stored already, with other ${differing.join(', ')}: nothing was replaced`);
  };

  for await (const lines of readLines(bundle.files.sessions, ROW_LIMIT)) {
    for (const { bytes } of lines) {
      const parsed = parseSessionRow(bytes);
      const session = parsed.ok ? bundle.sessions.get(parsed.row.id) : undefined;
      if (!parsed.ok || !session) continue;
      const blocked = unusable(session);
      const opened = blocked ?? (await LogStore.open(deps, session, parsed.row.payloads));
      if (typeof opened === 'string') refuse(session.id, opened);
      else if (opened === null) await keep(session, parsed.row.payloads);
      else if (opened.isComplete) await publish(opened);
      else stores.set(session.id, opened);
    }
  }

  for await (const lines of readLines(bundle.files.audit, ENTRY_LIMIT)) {
    for (const { bytes } of lines) {
      const store = bytes && stores.size > 0 ? stores.get(routeEntry(bytes) ?? '') : undefined;
      if (!bytes || !store) continue;
      const problem = await store.take(bytes.toString('utf8'));
      if (problem !== null) {
        stores.delete(store.sessionId);
        refuse(store.sessionId, problem);
      } else if (store.isComplete) await publish(store);
    }
  }
  for (const { sessionId } of stores.values())
    refuse(sessionId, 'the bundle changed while it was read: import it again');
  return counts;
}
