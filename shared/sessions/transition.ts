// One change of a session's row. The changes themselves are in `session-states.ts` and the files that it names.
import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { StoredSession } from './session-row.ts';

/** One change of a row: the rows that it may be made on, and the change. */
export type Transition = Readonly<{ filter: Filter<StoredSession>; update: UpdateFilter<StoredSession> }>;

/** What every write adds that derived data has to follow. */
export function change(
  now: Date,
  set: object,
  unset: readonly (keyof StoredSession)[] = [],
): UpdateFilter<StoredSession> {
  return {
    $inc: { changes: 1 },
    $set: { ...set, changed_at: now },
    $unset: Object.fromEntries(['stage', ...unset].map((name) => [name, ''])),
  };
}

/** Makes transitions: resolves to false, and writes nothing, for none, and where no row is in the state it starts from. */
export function makeTransition(sessions: Collection<StoredSession>) {
  return async (transition: Transition | null): Promise<boolean> => {
    if (transition === null) return false;
    const { matchedCount } = await sessions.updateOne(transition.filter, transition.update);
    return matchedCount === 1;
  };
}
