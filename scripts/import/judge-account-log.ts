// What becomes of a bundle's account log: it is taken over, another one begins beside it, or the bundle is refused. Two logs
// under one key that differ contradict each other for good, so another one begins only where nothing in the bundle is
// signed for a log of this deployment.
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { RefusedBundle } from './bundle-files.ts';
import type { Problems } from './problems.ts';
import type { ReadLog } from './read-account-log.ts';

/** What the other files of a bundle state of its account log. */
export type Claims = Readonly<{
  /** Reports whose statements name this deployment's key and origin, and others with statements. */
  ours: number;
  others: number;
  /** How many entries the log had when it was exported; null where the bundle does not say. */
  exportedSize: number | null;
  /** One more than the last entry that a row of a session or a report names; 0 where none does. */
  namedSize: number;
  /** Reports signed by this deployment, sealed sessions and policies that the log lacks. */
  unlogged: number;
}>;

export type Judged = Readonly<{
  identity: LogIdentity | null;
  /** Null where the bundle has no such file, or there is no key to read it by. */
  log: ReadLog | null;
  claims: Claims;
  /** Entries of the account log that is stored; 0 where none is, or nothing is known of the database. */
  storedSize: number;
}>;

/**
 * Whether the log is taken over, with warnings. Throws a `RefusedBundle` for a damaged log of this deployment's, one that is
 * older than the bundle's other files, and one of which nothing says whose it is.
 */
export function judgeAccountLog(judged: Judged, hasFile: boolean, problems: Problems): boolean {
  const { identity, log, claims } = judged;
  const isEmpty = log === null || log.lines === 0;
  const begins = (why: string) => {
    problems.warn(FILE, `${why}, so that it is not taken over: a new account log begins`);
    return false;
  };
  if (identity === null) {
    if (hasFile) return begins(NO_KEY);
    if (claims.others > 0) problems.warn(FILE, lackedBy(claims.others));
    return false;
  }
  const signedBy = isEmpty ? 'unknown' : log.signedBy;
  if (signedBy === 'ours') {
    if (log?.damage != null) throw refused(`${log.damage}, and ${SIGNED}`);
  } else if (claims.ours > 0) {
    // Of an empty log, its age decides.
    if (!isEmpty && judged.storedSize === 0) throw refused(`${log.damage ?? OTHER_KEY}, and ${STATED}`);
    if (!isEmpty) return begins(OTHER_KEY);
  } else if (signedBy === 'others' || claims.others > 0) {
    if (hasFile) return begins(OTHER_KEY);
    problems.warn(FILE, lackedBy(claims.others));
    return false;
  } else if (!isEmpty) throw refused(`${log.damage ?? OTHER_KEY}, and ${NAMELESS}`);
  assertNewest(judged);
  if (hasFile && (log?.checkpoint ?? null) === null && claims.exportedSize !== 0) {
    problems.warn(FILE, NO_CHECKPOINT);
  }
  return hasFile;
}

/** A log of which entries are missing would be gone on with under the same key: it would be another history. */
function assertNewest({ log, claims, storedSize }: Judged): void {
  const size = log?.size ?? 0;
  const held = Math.max(size, storedSize);
  const stated = Math.max(claims.exportedSize ?? 0, claims.namedSize);
  if (stated > held) throw older(size, `the other files of the bundle are of a log of ${stated}`);
  if (claims.exportedSize !== null || storedSize > size) return;
  if (claims.unlogged > 0) {
    throw older(
      size,
      `${claims.unlogged} signed reports, sealed sessions and policies of the bundle are not in it`,
    );
  }
  if (size === 0 && claims.ours > 0) {
    throw older(size, `${claims.ours} reports of the ledger are signed by this deployment's key`);
  }
}

function older(size: number, what: string): RefusedBundle {
  return new RefusedBundle(
    `${FILE}: the bundle has ${size} entries of the account log, and ${what}. Put the ${FILE} of the same export in its place, or export the account again with its workers stopped. ${NOTHING}`,
  );
}

function refused(why: string): RefusedBundle {
  return new RefusedBundle(`${FILE}: ${why}. ${NOTHING}`);
}

function lackedBy(reports: number): string {
  return `the bundle has none, and ${reports} reports of its ledger were signed for one: a new account log begins, which shows nothing that was removed from the bundle, and proofs under the earlier log hold no longer. Export the account again with its account log, and import that in place of this one`;
}

const FILE = 'account-log.ndjson';

const NOTHING =
  'Nothing was imported: a new log under this deployment’s key would contradict the one that was signed';

const SIGNED = 'this deployment’s key has signed parts of it: put the exported file in its place';

const STATED =
  'reports of the ledger are signed by this deployment’s key: put the exported file in its place; where it is of another deployment, import the bundle into the database that has this deployment’s account log, or give this deployment another LOG_ORIGIN';

const NAMELESS =
  'nothing in the bundle says by whose key it was signed: put the exported file in its place, or export the account again once a checkpoint is signed';

const NO_KEY = 'no SIGNING_KEY is configured here to check it with';

const OTHER_KEY = 'it was signed under another SIGNING_KEY or LOG_ORIGIN than those configured here';

const NO_CHECKPOINT =
  'it has no line with a checkpoint, so that nothing signed says how far it reached: entries at its end, and what they are about, may be missing. Compare its size with /api/v1/log/checkpoint where it is from, and export the account again once a checkpoint is signed';
