// The account logs as one process knows them: their reader, and the names of their keys.
import type { Db } from 'mongodb';
import type { CheckpointMemory } from './checkpoint-memory.ts';
import { DamagedLog } from './log-hashes.ts';
import { createLogHeads } from './log-heads.ts';
import type { LogIdentity } from './log-origin.ts';
import { createLogReader, type LogReader } from './log-reader.ts';

/** The account logs of a deployment, to read. */
export type AccountLog = Readonly<{
  identity: LogIdentity;
  reader: LogReader;
  /** How many logs, of all accounts, contradict what was signed. */
  countFailed(): Promise<number>;
  /** How many rows are due for the logs, of all accounts, that nobody signed as they are, or that an entry contradicts. */
  countRefused(): Promise<number>;
  /** How often one of these witnesses, by their names, says of an account's log that it holds another. */
  countContradictions(names: ReadonlySet<string>): Promise<number>;
}>;

/** Its reader's `checkpoint` rejects with `DamagedLog` where `memory` knows a larger one. */
export function openAccountLog(db: Db, identity: LogIdentity, memory: CheckpointMemory): AccountLog {
  const { countFailed, countRefused, countContradictions } = createLogHeads(db);
  const reader = createLogReader(db, identity);

  async function checkpoint(accountId: string) {
    const isBehind = memory.expect(accountId);
    const found = await reader.checkpoint(accountId);
    if (!(await isBehind(found))) return found;
    throw new DamagedLog(`The stored checkpoint of the log of ${accountId} is behind one that was signed`);
  }

  return { identity, reader: { ...reader, checkpoint }, countFailed, countRefused, countContradictions };
}
