// Which rows have a place in lists and sums. Whoever writes to the database can leave a row of any types, and one such
// row must not end the pages of all others.
import { isId } from '../audit/ids.ts';
import { isTime } from '../time/is-time.ts';
import type { StoredSession } from './session-row.ts';

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
