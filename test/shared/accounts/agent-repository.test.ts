import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agent, createAgentRepository } from '../../../shared/accounts/agent-repository.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { openTestDatabase } from '../../support/mongo.ts';

function newAgent(name: string): Agent {
  return { id: newId('agent'), name, policyName: 'healthcare-default' };
}

test('agent repository', async (t) => {
  const { db } = await openTestDatabase(t);
  const agents = createAgentRepository(db);

  await t.test('an agent stored twice is there once, under its last name', async () => {
    const account = newId('account');
    const agent = newAgent('first');
    assert.deepEqual(await agents.upsert(account, agent), { status: 'created' });
    assert.deepEqual(await agents.upsert(account, { ...agent, name: 'second' }), { status: 'stored' });
    assert.deepEqual(await agents.list(account, { afterId: null, limit: 10 }), [
      { ...agent, name: 'second' },
    ]);
  });

  await t.test("another account's agent id is refused, and that agent stays as it was", async () => {
    const [owner, other] = [newId('account'), newId('account')];
    const agent = newAgent('owned');
    await agents.upsert(owner, agent);
    assert.deepEqual(await agents.upsert(other, { ...agent, name: 'taken' }), { status: 'foreign' });
    assert.deepEqual(await agents.find(owner, agent.id), agent);
    assert.equal(await agents.find(other, agent.id), null);
  });

  await t.test('an agent is listed by its policy behind rows whose id no agent has', async () => {
    const account = newId('account');
    const agent = newAgent('honest');
    const odd = { account_id: account, deleted_at: null, policy_name: agent.policyName };
    const rows = ['!a', '!b', '!c'].map((_id) => ({ _id, ...odd }));
    await db.collection<{ _id: string }>('agents').insertMany(rows);
    await agents.upsert(account, agent);
    assert.deepEqual(await agents.listByPolicy(account, [agent.policyName], 1), [agent]);
  });

  await t.test('writers that race to store one agent all succeed', async () => {
    const account = newId('account');
    const agent = newAgent('raced');
    const results = await Promise.all(Array.from({ length: 16 }, () => agents.upsert(account, agent)));
    assert.deepEqual(results.map((result) => result.status).sort(), [
      'created',
      ...Array(15).fill('unchanged'),
    ]);
  });

  await t.test('pages of agents follow each other by id and hold no other account’s agents', async () => {
    const account = newId('account');
    const stored = ['c', 'a', 'b'].map(newAgent);
    for (const agent of stored) await agents.upsert(account, agent);
    await agents.upsert(newId('account'), newAgent('foreign'));

    const first = await agents.list(account, { afterId: null, limit: 2 });
    const second = await agents.list(account, { afterId: first[1]!.id, limit: 2 });
    assert.deepEqual([...first, ...second], stored);
  });

  await t.test(
    'a deleted agent is not found, and its name is still known for the sessions it handled',
    async () => {
      const account = newId('account');
      const agent = newAgent('retired');
      await agents.upsert(account, agent);
      await db
        .collection<{ _id: string }>('agents')
        .updateOne({ _id: agent.id }, { $set: { deleted_at: new Date() } });

      assert.equal(await agents.find(account, agent.id), null);
      assert.deepEqual(await agents.list(account, { afterId: null, limit: 10 }), []);
      assert.deepEqual(await agents.namesById(account, [agent.id]), new Map([[agent.id, 'retired']]));
    },
  );

  await t.test('names of agents are read for the account only', async () => {
    const account = newId('account');
    const [own, foreign] = [newAgent('own'), newAgent('foreign')];
    await agents.upsert(account, own);
    await agents.upsert(newId('account'), foreign);
    const names = await agents.namesById(account, [own.id, own.id, foreign.id, newId('agent')]);
    assert.deepEqual(names, new Map([[own.id, 'own']]));
  });

  await t.test(
    'names for some ids are read for the account only, deleted agents included, up to a limit',
    async () => {
      const account = newId('account');
      const [kept, retired] = [newAgent('kept'), newAgent('retired')];
      for (const agent of [kept, retired]) await agents.upsert(account, agent);
      await agents.upsert(newId('account'), newAgent('foreign'));
      await db
        .collection<{ _id: string }>('agents')
        .updateOne({ _id: retired.id }, { $set: { deleted_at: new Date() } });

      const all = new Map([
        [kept.id, 'kept'],
        [retired.id, 'retired'],
      ]);
      assert.deepEqual(await agents.someNames(account, 3), all);
      assert.deepEqual(await agents.someNames(account, 2), all);
      const [only, ...others] = await agents.someNames(account, 1);
      assert.deepEqual(others, []);
      assert.equal(only && all.get(only[0]), only?.[1]);
    },
  );

  await t.test('names for no ids are an empty map', async () => {
    assert.deepEqual(await agents.namesById(newId('account'), []), new Map());
  });
});
