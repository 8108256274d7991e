// The checks of account logs, for whoever has the public keys: the nightly job, and an operator's command.
import type { Db } from 'mongodb';
import { createLoggedPolicies } from '../../shared/policy/logged-policies.ts';
import type { Config } from '../../shared/process/config.ts';
import { createLoggedReports } from '../../shared/reports/logged-reports.ts';
import { createLoggedSessions } from '../../shared/sessions/logged-sessions.ts';
import { createCheckpointFile } from '../../shared/transparency/checkpoint-file.ts';
import { createFleetLogs } from '../../shared/transparency/fleet-logs.ts';
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { createLogPlaces } from '../../shared/transparency/log-places.ts';
import { createLogSegments } from '../../shared/transparency/log-segments.ts';
import { createLogTiles } from '../../shared/transparency/log-tiles.ts';
import { type CheckDeps, checkLog } from './check-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import type { LogFinding } from './log-finding.ts';
import { type Mend, mendingBy } from './mend.ts';

/** The account logs, for whoever checks them. */
export type LogChecks = Readonly<{
  /** The accounts of which the database or this machine has anything of a log. */
  listStored(): Promise<string[]>;
  /** Everything that is wrong with one. */
  check(accountId: string, signal: AbortSignal): AsyncGenerator<LogFinding>;
}>;

/** `dataDir` has the checkpoints that this machine has signed; on another machine there are none. `mend` writes what is put right. */
export function openLogChecks(
  db: Db,
  { dataDir }: Pick<Config, 'dataDir'>,
  { mend, ...found }: Pick<KeeperDeps, 'identity' | 'pool' | 'recordOutcome'> & Readonly<{ mend: Mend }>,
): LogChecks {
  return logChecks(db, mendingBy(mend, { ...found, ...openStores(db, dataDir) }));
}

/** All that is stored of account logs and of what they are about. */
export function openStores(db: Db, dataDir: string) {
  return {
    checkpointFile: createCheckpointFile(dataDir),
    segments: createLogSegments(db),
    tiles: createLogTiles(db),
    places: createLogPlaces(db),
    heads: createLogHeads(db),
    sessions: createLoggedSessions(db),
    policies: createLoggedPolicies(db),
    reports: createLoggedReports(db),
  };
}

/** The checks of a process that has opened what they need. */
export function logChecks(db: Db, deps: CheckDeps): LogChecks {
  const fleet = createFleetLogs(db);
  return {
    async listStored() {
      const found = await Promise.all([fleet.listStored(), deps.checkpointFile.accounts()]);
      return [...new Set(found.flat())].sort();
    },
    check: (accountId, signal) => checkLog(deps, accountId, signal),
  };
}
