// A process of keepers of one account log, for tests that kill it: it can kill itself around any of its own commands.
import { MongoClient } from 'mongodb';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { NEVER, openTestLogs } from './account-logs.ts';
import { type KillPoint, killAt } from './appender-process.ts';

export type KeeperTask = Readonly<{
  uri: string;
  dbName: string;
  accountId: string;
  /** Keepers at once, each over connections of its own. */
  keepers: number;
  /** Where the process keeps its checkpoints. */
  dataDir: string;
  kill: KillPoint | null;
}>;

if (import.meta.main) await work(JSON.parse(process.argv[2] as string) as KeeperTask);

async function work({ uri, dbName, accountId, keepers, dataDir, kill }: KeeperTask): Promise<void> {
  // Not with the parent's files: they are looked at after this process was killed.
  const kept = { after() {} };
  const clients = Array.from({ length: keepers }, () => new MongoClient(uri, { monitorCommands: true }));
  const [first] = clients;
  if (kill && first) killAt(first, kill);
  await Promise.all(
    clients.map(async (client) => {
      const db = client.db(dbName);
      const { logs } = await openTestLogs(kept, { db, sessions: createSessionRepository(db) }, { dataDir });
      for (;;) {
        const { failed } = await logs.keep(accountId, NEVER);
        if (failed !== null) throw new Error(`A keeper found the log failed: ${failed}`);
      }
    }),
  );
}
