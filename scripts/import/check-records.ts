// Checks what a bundle holds beside names, sessions and entries, the account log and the ledger, before anything is written.
import type { Config } from '../../shared/process/config.ts';
import { openIdentity } from '../../shared/transparency/open-signing.ts';
import type { BundleAccount } from '../bundle/account-json.ts';
import { type CheckedBundle, refuseSessions } from './check-bundle.ts';
import { checkCheckpoint } from './check-checkpoint.ts';
import { type CheckedLedger, checkLedger, NO_LEDGER } from './check-ledger.ts';
import { judgeAccountLog } from './judge-account-log.ts';
import { type ReadLog, readAccountLog } from './read-account-log.ts';

export type CheckedRecords = Readonly<{
  /** Without the sessions that a signed report contradicts. */
  bundle: CheckedBundle;
  ledger: CheckedLedger;
  /** The account log that is taken over; null where none is. */
  log: ReadLog | null;
}>;

export type RecordsDeps = Readonly<{
  config: Pick<Config, 'signing' | 'witnesses'>;
  /** Entries of the account log that is stored; 0 where none is, or nothing is known of the database. */
  storedSize: number;
  /** What account.json says; null where the bundle has none. */
  account: BundleAccount | null;
}>;

/** Adds problems and warnings. Throws a `RefusedBundle` where nothing of the bundle may be imported. */
export async function checkRecords(
  { config, storedSize, account }: RecordsDeps,
  bundle: CheckedBundle,
): Promise<CheckedRecords> {
  const { files, accountId, agents, sessions, problems } = bundle;
  const identity = config.signing && openIdentity(config.signing);
  const log =
    identity && files.accountLog ? await readAccountLog(identity, files.accountLog, accountId) : null;
  const whole = log?.signedBy === 'ours' && log.damage === null ? log : null;
  const against = { identity, accountId, agents, sessions, log: whole };
  const ledger = files.reports === null ? NO_LEDGER : await checkLedger(files.reports, against, problems);
  const claims = {
    ...ledger,
    unlogged: ledger.unlogged + (whole ? countUnlogged(bundle, whole) : 0),
    namedSize: Math.max(ledger.namedSize, bundle.namedSize),
    exportedSize: account?.logSize ?? null,
  };
  const hasFile = files.accountLog !== null;
  const isTaken = judgeAccountLog({ identity, log, claims, storedSize }, hasFile, problems);
  const witnesses = config.witnesses.map(({ key }) => key);
  return {
    bundle: refuseSessions(bundle, findFalseStarts(sessions, [whole?.starts, ledger.starts])),
    ledger,
    log: isTaken && log ? { ...log, checkpoint: checkCheckpoint(log, witnesses, problems) } : null,
  };
}

/**
 * The problems of sessions, by id, that started at another time by a signed report. Nothing else in a bundle tells of a log
 * without a seal, and the import marks how each of them began.
 */
function findFalseStarts(
  sessions: CheckedBundle['sessions'],
  signed: readonly (ReadonlyMap<string, Date> | undefined)[],
): Map<string, string> {
  const found = new Map<string, string>();
  for (const { id, startedAt, log } of sessions.values()) {
    const starts = signed.flatMap((each) => each?.get(id) ?? []);
    const isFalse = starts.some((at) => at.getTime() !== startedAt.getTime());
    if (log.seal === null && isFalse) found.set(id, FALSE_START);
  }
  return found;
}

const FALSE_START =
  'its started_at is not the one that a signed report on it states: somebody changed the row, take it as it was exported';

/** Sealed sessions and policies of the bundle on which the log has no entry. */
function countUnlogged({ sessions, policies }: CheckedBundle, { others }: ReadLog): number {
  const sealed = sessions.values().filter(({ log }) => log.seal !== null);
  const unlogged = [
    ...sealed.filter(({ id }) => !others.has(id)),
    ...policies.values().filter(({ sha256Hex }) => !others.has(sha256Hex)),
  ];
  return unlogged.length;
}
