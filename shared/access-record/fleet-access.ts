// Which accounts have an access record, over all accounts: for commands alone.
import type { Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { ACCESS_LOG } from './access-repository.ts';
import type { StoredAccess } from './access-row.ts';

/**
 * The accounts that rows name by their `_id`, in ascending order, each by one read. A row that somebody wrote may name what
 * is no account.
 */
export async function* listAccessAccounts(db: Db): AsyncGenerator<string> {
  const rows = evidenceCollection<StoredAccess>(db, ACCESS_LOG);
  let after = '';
  for (;;) {
    const row = await rows
      .find({ _id: { $gt: after } }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(1)
      .next();
    if (!row) return;
    const [account = ''] = row._id.split('/', 1);
    yield account;
    // Behind all that begins with the account's id and `/`.
    after = row._id.startsWith(`${account}/`) ? `${account}0` : row._id;
  }
}

/** Each `_id` that is no text, so that it is in no account's record: somebody else wrote the row. */
export async function* listOddAccessIds(db: Db): AsyncGenerator<unknown> {
  const rows = evidenceCollection<{ _id: unknown }>(db, ACCESS_LOG);
  const filter = { _id: { $not: { $type: 'string' } } } as object;
  for await (const { _id } of rows.find(filter, { projection: { _id: 1 } })) yield _id;
}
