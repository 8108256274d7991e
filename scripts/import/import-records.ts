// Stores what a bundle holds beside names, sessions and entries: the ledger and the account log.
import type { Db } from 'mongodb';
import { createLoggedPolicies } from '../../shared/policy/logged-policies.ts';
import type { Config } from '../../shared/process/config.ts';
import { createLoggedReports } from '../../shared/reports/logged-reports.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import { createLoggedSessions } from '../../shared/sessions/logged-sessions.ts';
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { createLogPlaces } from '../../shared/transparency/log-places.ts';
import { createLogSegments } from '../../shared/transparency/log-segments.ts';
import { createLogTiles } from '../../shared/transparency/log-tiles.ts';
import { openIdentity } from '../../shared/transparency/open-signing.ts';
import type { VerifyOrder } from '../../workers/logs/log-tasks.ts';
import { createVerifyDeps, verifyHere } from '../../workers/logs/verify-session.ts';
import type { CheckedBundle } from './check-bundle.ts';
import type { CheckedRecords } from './check-records.ts';
import { findUnheld, type UnheldKind } from './find-unheld.ts';
import { type AccountLogDeps, importAccountLog, markLogged } from './import-account-log.ts';
import { importLedger } from './import-ledger.ts';

const EXPORT_AGAIN: Readonly<Record<UnheldKind, string>> = {
  sessions: 'export the account again with all its sessions',
  altered: 'export the account again',
  reports: 'export the account again with all its reports',
  policies: 'export the account again with all its policies',
};

/** The two parts, each a step of the import. A bundle without one has nothing to do there. */
export function importRecords(
  { db, config }: Readonly<{ db: Db; config: Pick<Config, 'auditKeys' | 'signing'> }>,
  { files, accountId, problems }: CheckedBundle,
  { ledger: checked, log }: CheckedRecords,
) {
  const verify = createVerifyDeps(db, config.auditKeys);
  const identity = config.signing && openIdentity(config.signing);
  const deps: AccountLogDeps = {
    segments: createLogSegments(db),
    places: createLogPlaces(db),
    tiles: createLogTiles(db),
    heads: createLogHeads(db),
    sessions: createLoggedSessions(db),
    policies: createLoggedPolicies(db),
    reports: createLoggedReports(db),
  };
  let isTaken = false;
  return {
    /** Must come before the sessions are stored. */
    async takeAccountLog(): Promise<void> {
      if (identity === null || log === null || files.accountLog === null) return;
      const { checkpoint } = log;
      const taken = { identity, accountId, checkpoint };
      isTaken = await importAccountLog(deps, files.accountLog, taken, problems);
    },

    /** Must come after the sessions are stored. Marks what the account log holds, too, and names what it alone holds. */
    async takeLedger(): Promise<void> {
      const store = {
        ledger: createReportLedger(db),
        verifySession: (order: VerifyOrder) => verifyHere(verify, order),
      };
      if (files.reports !== null) await importLedger(store, files.reports, { accountId, checked }, problems);
      if (!isTaken) return;
      await markLogged(deps, accountId);
      for (const { kind, what, named } of await findUnheld(deps, accountId))
        problems.add('account-log.ndjson', `it holds ${what}: ${EXPORT_AGAIN[kind]}: ${named}`);
    },
  };
}
