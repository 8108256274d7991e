// How an account stands, in numbers that every write of a session, a report or an entry of the account log raises. An export
// that was interrupted goes on only where nothing was written since: what it has would lack it.
import type { Db } from 'mongodb';
import { countReports } from '../../shared/reports/fleet-ledger.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createLogSegments } from '../../shared/transparency/log-segments.ts';

export type AccountState = Readonly<{
  sessions: number;
  /** Writes of their rows, summed. */
  changes: number;
  reports: number;
  /** Entries of the account log. */
  logged: number;
}>;

/** Rejects with the driver's error when the database is away. */
export async function readState(db: Db, accountId: string): Promise<AccountState> {
  const [written, reports, { size: logged }] = await Promise.all([
    createFleetSessions(db).sumChanges(accountId),
    countReports(db, accountId),
    createLogSegments(db).findTail(accountId, 0),
  ]);
  return { ...written, reports, logged };
}

export function isSameState(one: AccountState, other: Readonly<Record<string, number>>): boolean {
  return Object.entries(one).every(([name, count]) => other[name] === count);
}
