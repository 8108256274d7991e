import type { Db } from 'mongodb';
import type { LogReader } from '../../shared/reports/account-log.ts';

/** Reads the account logs of a database. */
export function openLogReader(_db: Db): LogReader | null {
  return null;
}
