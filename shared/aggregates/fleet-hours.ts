// The summed hours of all accounts at once, for the operator's commands.
import type { Db } from 'mongodb';
import { HOURS } from './hour-repository.ts';

/** How many sessions and redactions the sum of an agent's UTC hour holds, as stored; `hour` is its start. */
export type HourCount = Readonly<{
  accountId: string;
  agentId: string;
  hour: Date;
  sessionCount: number;
  redactionCount: number;
}>;

const BATCH = 10_000;

/** The hours of all accounts by account and time. Rejects with the driver's error when the database is away. */
export async function* listHourCounts(db: Db): AsyncGenerator<HourCount> {
  type Row = {
    account_id: string;
    agent_id: string;
    hour: Date;
    session_count: number;
    redaction_count: number;
  };
  const rows = db.collection<Row>(HOURS).find(
    {},
    {
      projection: { _id: 0, account_id: 1, agent_id: 1, hour: 1, session_count: 1, redaction_count: 1 },
      sort: { account_id: 1, hour: 1 },
      batchSize: BATCH,
    },
  );
  for await (const { account_id: accountId, agent_id: agentId, hour, ...counts } of rows) {
    const { session_count: sessionCount, redaction_count: redactionCount } = counts;
    yield { accountId, agentId, hour, sessionCount, redactionCount };
  }
}
