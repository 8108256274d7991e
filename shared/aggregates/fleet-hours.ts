// The summed hours of all accounts at once, for the operator's commands.
import type { Db } from 'mongodb';
import { HOURS, type HourPlace, placeOf } from './hour-repository.ts';

/** A row of summed hours: the hour whose place it takes, or, as stored, what it says where its `_id` names no hour. */
export type HourRow =
  | Readonly<{ place: HourPlace }>
  | Readonly<{
      place: null;
      id: unknown;
      accountId: unknown;
      agentId: unknown;
      hour: unknown;
      count: unknown;
    }>;

const BATCH = 10_000;

/** All rows, in no order. Rejects with the driver's error when the database is away. */
export async function* listHourRows(db: Db): AsyncGenerator<HourRow> {
  const rows = db.collection(HOURS).find(
    {},
    {
      projection: { account_id: 1, agent_id: 1, hour: 1, session_count: 1 },
      batchSize: BATCH,
    },
  );
  for await (const {
    _id: id,
    account_id: accountId,
    agent_id: agentId,
    hour,
    session_count: count,
  } of rows) {
    const place = placeOf(id);
    yield place ? { place } : { place, id, accountId, agentId, hour, count };
  }
}
