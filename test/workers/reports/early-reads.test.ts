import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { isUnderCheckpoint } from '../../../shared/reports/session-evidence.ts';
import { openLogReader } from '../../../workers/reports/account-logs.ts';
import { createFactGatherer } from '../../../workers/reports/gather-facts.ts';
import { NEVER, openTestLogs } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';

test('entries that were read before the checkpoint are read again, and prove the session', async (t) => {
  const world = await createLogWorld(t);
  const { logs, signing } = await openTestLogs(t, world);
  const { identity: keys } = signing;
  const reader = openLogReader(world.db, keys);
  assert.ok(reader);
  const gather = createFactGatherer(world.db, { reader, keys });
  const accountId = newId('account');
  const { id } = await writeSession(world, 3, { accountId });
  await logs.keep(accountId, NEVER);
  const session = await world.sessions.find(accountId, id);
  assert.ok(session);

  const { log } = gather.readEarly(accountId);
  assert.ok(log);
  await log.entryTexts(accountId, [session.logIndex ?? -1]);
  await writeSession(world, 3, { accountId });
  await logs.keep(accountId, NEVER);
  const checkpoint = await log.checkpoint(accountId);
  assert.equal(checkpoint?.size, 3);
  const stale = await log.sessionEvidence(accountId, session.logIndex ?? null, checkpoint);
  assert.ok(stale && !isUnderCheckpoint(stale, keys, accountId));

  const { logged } = await gather.facts(session, { log, checkpoint: Promise.resolve(checkpoint) });
  assert.ok(logged && isUnderCheckpoint(logged, keys, accountId));
});
