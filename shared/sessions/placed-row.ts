// Which rows have a place in lists and sums. Whoever writes to the database can leave a row of any types, and one such
// row must not end the pages of all others.
import { isId } from '../audit/ids.ts';
import { isTime } from '../time/is-time.ts';
import { findDamage } from './damaged-row.ts';
import { LISTED_FIELDS, type StoredSession } from './session-row.ts';

/**
 * Whether a list can show a session's row: it is placed, and everything that the list reads of it is of its type. A report
 * over a window names any other placed row, and statistics count it.
 */
export function isListable(row: StoredSession, accountId: string): boolean {
  return isPlaced(row, accountId) && findDamage(row, LISTED_FIELDS) === null;
}

/**
 * Whether a session's row has all values that place it: its id, account and agent, its start and its end. Lists, sums and
 * reports over a window pass over any other row; `npm run verify -- --all` names it.
 */
export function isPlaced(
  row: StoredSession,
  accountId: string,
  { mayBeOpen = false }: Readonly<{ mayBeOpen?: boolean }> = {},
): boolean {
  return (
    isId('session', row._id) &&
    // A filter also takes an array that holds the account, and reads the first of two fields of one name, not the last.
    row.account_id === accountId &&
    isId('agent', row.agent_id) &&
    isTime(row.started_at) &&
    (isTime(row.ended_at) || (mayBeOpen && row.ended_at === null)) &&
    !row.importing
  );
}
