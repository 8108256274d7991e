// What keeping account logs takes, made from a configuration.
import type { Db } from 'mongodb';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import type { Config } from '../../shared/process/config.ts';
import { createReminder } from '../../shared/time/reminder.ts';
import type { CheckpointFile, FiledCheckpoint } from '../../shared/transparency/checkpoint-file.ts';
import { createFleetLogs } from '../../shared/transparency/fleet-logs.ts';
import type { Signing } from '../../shared/transparency/open-signing.ts';
import { askWitness } from './ask-witness.ts';
import type { OnAppended } from './extend-log.ts';
import { type Kept, keepLog, signLog } from './keep-log.ts';
import type { KeeperDeps, KeeperLog } from './keeper-deps.ts';
import { type LogChecks, logChecks, openStores } from './open-checks.ts';
import { createPace } from './pace.ts';
import { createWitnessClient } from './witness-client.ts';
import { createWitnessRounds, type WitnessRounds } from './witness-rounds.ts';

/** The account logs, for whoever keeps them. */
export type AccountLogs = LogChecks &
  Readonly<{
    /** Brings a log up to date. Asks no witness. */
    keep(accountId: string, signal: AbortSignal, onAppended?: OnAppended): Promise<Kept>;
    /** As `keep`, but tells nobody of the checkpoint: for whoever waits for it. The next `keep` does that. */
    sign(accountId: string, signal: AbortSignal): Promise<Kept>;
    /** Asks every witness for the newest checkpoint, all at once: one that hangs delays no other. */
    askWitnesses(accountId: string, signal: AbortSignal): Promise<void>;
    /** As `askWitnesses`, for a process that goes on meanwhile, and stops it at its end. */
    witnessRounds: WitnessRounds;
    /**
     * Whether a log may be kept again now: what a long one costs must not keep this process busy. Until then the sweep
     * finds what is due.
     */
    mayKeep(accountId: string): boolean;
    /** Marks a log as contradicting what was signed, so that nothing is signed before it was looked at again. `note`: the checkpoint. */
    markFailed(accountId: string, reason: string, note: string | null): Promise<void>;
    /** Makes everything due that no entry holds. Resolves to how many sessions there were. */
    makeDue(accountId: string, signal: AbortSignal): Promise<number>;
    /** The accounts whose logs are not. */
    listDue(): Promise<string[]>;
  }>;

/** Sessions made due at once. */
const PAGE = 1_000;

/** The account logs of a process that has the keys to sign them. */
export function openAccountLogs(
  db: Db,
  config: Pick<Config, 'auditKeys' | 'dataDir' | 'witnesses'> & Readonly<{ witnessTimeoutMs?: number }>,
  found: Signing & Pick<KeeperDeps, 'pool' | 'recordOutcome' | 'announcer' | 'log'>,
): AccountLogs {
  const { witnesses } = config;
  const deps: KeeperDeps = {
    ...found,
    ...openStores(db, config.dataDir),
    keyring: createKeyring(config.auditKeys),
    isToTell: createReminder(),
  };
  const clients = witnesses.map((witness) => createWitnessClient(witness, config.witnessTimeoutMs));
  const fleet = createFleetLogs(db);
  const keys = witnesses.map(({ key }) => key);
  const pace = createPace();
  const readFiled = createFileReader(found.log);
  return {
    ...logChecks(db, deps),
    keep: (accountId, signal, onAppended) =>
      pace.take(accountId, () => keepLog(deps, accountId, signal, onAppended)),
    sign: (accountId, signal) => pace.take(accountId, () => signLog(deps, accountId, signal)),
    async askWitnesses(accountId, signal) {
      await Promise.all(clients.map((client) => askWitness(deps, accountId, client, signal)));
    },
    witnessRounds: createWitnessRounds(deps, clients),
    mayKeep: pace.may,
    markFailed: deps.heads.markFailed,
    async makeDue(accountId, signal) {
      await deps.heads.noteDue(accountId);
      await deps.policies.makeDue(accountId);
      await deps.reports.makeDue(accountId);
      let made = 0;
      for (let afterId: string | null = null; ; ) {
        signal.throwIfAborted();
        const { count, lastId } = await deps.sessions.makeDue(accountId, afterId, PAGE);
        made += count;
        if (lastId === null) return made;
        afterId = lastId;
      }
    },
    listDue: async () => fleet.listDue(found.identity, keys, await readFiled(deps.checkpointFile)),
  };
}

/** A database is put back while nothing runs, so the files are looked at when a process starts, and now and then. */
const FILES_EVERY_MS = 10 * 60_000;

type Filed = ReadonlyMap<string, FiledCheckpoint>;

/**
 * Reads the last checkpoint of each file, at most once in `FILES_EVERY_MS`; none in between. One that cannot be read is told of,
 * and keeps nothing from the others: whoever signs that log reads it again, and fails by it.
 */
function createFileReader(log: KeeperLog): (files: CheckpointFile) => Promise<Filed> {
  let nextMs = 0;
  return async (files) => {
    const filed = new Map<string, FiledCheckpoint>();
    if (performance.now() < nextMs) return filed;
    for (const accountId of await files.accounts()) {
      try {
        const last = await files.last(accountId);
        if (last) filed.set(accountId, last);
      } catch (error) {
        const about = { account_id: accountId, err: error };
        log.error(about, 'the checkpoints of an account in DATA_DIR/checkpoints cannot be read');
      }
    }
    nextMs = performance.now() + FILES_EVERY_MS;
    return filed;
  };
}
