// Writing what the check of an account log puts right.
import type { CheckDeps } from './check-log.ts';

/** Does what puts something right. May leave it undone, where this process may not write: what was found is told all the same. */
export type Mend = (write: () => Promise<unknown>) => Promise<void>;

/** What a check needs, with all that it writes of rows and places by way of `mend`. */
export function mendingBy<Deps extends CheckDeps>(mend: Mend, deps: Deps): Deps {
  const { sessions, reports, policies, places } = deps;
  return {
    ...deps,
    sessions: by(mend, sessions, ['nameEntry', 'forgetEntry']),
    reports: by(mend, reports, ['markLogged', 'forgetEntry']),
    policies: by(mend, policies, ['markLogged', 'forgetEntry']),
    places: {
      ...by(mend, places, ['note', 'forgetNoted']),
      restore: (accountId, placed, isTrue) => places.restore(accountId, placed, isTrue, mend),
    },
  };
}

type Method = (...args: never[]) => Promise<unknown>;

/** `rows`, with these of its methods called by way of `mend`. */
function by<Name extends string, Rows extends Record<Name, Method>>(
  mend: Mend,
  rows: Rows,
  names: readonly Name[],
): Rows {
  const mending = names.map((name) => [name, (...args: never[]) => mend(() => rows[name](...args))] as const);
  return { ...rows, ...Object.fromEntries(mending) };
}
