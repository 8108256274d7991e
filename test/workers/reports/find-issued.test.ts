import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createLogSegments } from '../../../shared/transparency/log-segments.ts';
import { findIssuedEntry } from '../../../workers/reports/find-issued.ts';
import { NEVER, openTestLogs, recordStated } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { growLog } from '../../support/long-log.ts';

const world = await createLogWorld({ after });

test('the entry of a report is found by what was appended since its order', async (t) => {
  const logs = await openTestLogs(t, world);
  const accountId = newId('account');
  await growLog(world, logs, accountId, 600);
  const session = await writeSession(world, 1, { accountId });
  await logs.logs.keep(accountId, NEVER);
  const id = await recordStated(world, logs, session);
  await logs.logs.keep(accountId, NEVER);
  const segments = createLogSegments(world.db);
  const read: number[] = [];
  const readOn = async function* (...args: Parameters<typeof segments.readOn>) {
    for await (const segment of segments.readOn(...args)) {
      read.push(segment.index);
      yield segment;
    }
  };
  const find = async (logSize?: number, reportId = id) => {
    read.length = 0;
    const order = { accountId, id: reportId, ...(logSize !== undefined && { logSize }) };
    return await findIssuedEntry({ readOn }, order, NEVER);
  };

  const index = 602;
  assert.equal((await find(600))?.index, index);
  assert.deepEqual(read, [2]);
  assert.equal((await find())?.index, index);
  assert.deepEqual(read, [0, 1, 2]);
  // An order of an earlier version, whose report the log lacks.
  assert.equal(await find(undefined, newId('report')), null);
  // A log that was cut since, and an id that stands in an entry of another kind.
  assert.equal(await find(6_000), null);
  assert.equal(await find(600, session.id), null);
  await assert.rejects(
    findIssuedEntry({ readOn }, { accountId, id }, AbortSignal.abort(new Error('stop'))),
    /stop/,
  );
});
