// The account logs as one process knows them: their reader, and the names of their keys.
import type { Db } from 'mongodb';
import { createLogHeads } from './log-heads.ts';
import type { LogIdentity } from './log-origin.ts';
import { createLogReader, type LogReader } from './log-reader.ts';

/** The account logs of a deployment, to read. */
export type AccountLog = Readonly<{
  identity: LogIdentity;
  reader: LogReader;
  /** How many logs, of all accounts, contradict what was signed. */
  countFailed(): Promise<number>;
  /** How many rows are due for the logs, of all accounts, that nobody signed as they are. */
  countRefused(): Promise<number>;
}>;

/** Null where this process has no key of the logs. */
export function openAccountLog(db: Db, identity: LogIdentity | null): AccountLog | null {
  if (!identity) return null;
  const { countFailed, countRefused } = createLogHeads(db);
  return { identity, reader: createLogReader(db, identity), countFailed, countRefused };
}
