// The entry furthest on that a row of the account names. A row names an entry only once the log has it, so a log that ends
// before was cut, or put back from an older copy: a machine without a file of checkpoints knows it by nothing else.
import { findLogged, subjectOf } from './find-logged.ts';
import type { KeeperDeps } from './keeper-deps.ts';

/** The rows that account logs take up. */
export const SUBJECTS = ['sessions', 'reports', 'policies'] as const;
/** One of `SUBJECTS`. */
export type Subject = (typeof SUBJECTS)[number];

/** A row's kind, and the index that it names. */
export type Named = Readonly<{ subject: Subject; index: number }>;

export type NamedDeps = Pick<KeeperDeps, Subject | 'segments'>;

/** Null where no row names one. A log that is read afterwards has the entry. */
export async function largestNamed(deps: NamedDeps, accountId: string): Promise<Named | null> {
  const found = await Promise.all(
    SUBJECTS.map(async (subject) => ({ subject, index: await deps[subject].largestNamed(accountId) })),
  );
  const named = found.flatMap(({ subject, index }) => (index === null ? [] : [{ subject, index }]));
  return named.sort((a, b) => b.index - a.index)[0] ?? null;
}

/** What the entry of a row with this id is about. */
const SUBJECT_OF: Readonly<Record<Subject, (id: string) => string>> = {
  sessions: (id) => subjectOf({ kind: 'session_closed', session_id: id }),
  reports: (id) => subjectOf({ kind: 'report_issued', report_id: id }),
  policies: (id) => subjectOf({ kind: 'policy_stored', sha256: id.slice(id.indexOf('/') + 1) }),
};

/**
 * A row that names an entry which a log of `size` does not have, where the log has none about it at all; null for none. One
 * whose own entry is there was changed: the check of the log has it name that again. `largest` was read before the log.
 */
export async function findUnheld(
  deps: NamedDeps,
  accountId: string,
  largest: Named | null,
  size: number,
): Promise<Named | null> {
  if (largest === null || largest.index < size) return null;
  for (const subject of SUBJECTS) {
    for await (const page of deps[subject].listNamedFrom(accountId, size, largest.index)) {
      const about = SUBJECT_OF[subject];
      const logged = await findLogged(deps, accountId, new Set(page.map(({ id }) => about(id))), size);
      const unheld = page.find(({ id }) => !logged.has(about(id)));
      if (unheld) return { subject, index: unheld.index };
    }
  }
  return null;
}
