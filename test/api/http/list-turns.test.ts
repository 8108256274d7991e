import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createListTurns } from '../../../api/http/list-turns.ts';
import { addSession } from '../../support/sessions.ts';
import { startApp } from '../../support/start-app.ts';
import { createWorks } from '../../support/works.ts';

test('a few lists of an account are read at once, in order, and another account waits for none of them', async () => {
  const turns = createListTurns(2, 10);
  const { begun, endOldest, work } = createWorks();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1']) void turns.run(name[0]!, work(name));
  await turn();
  assert.deepEqual(begun, ['a1', 'a2', 'b1']);
  await endOldest();
  await endOldest();
  assert.deepEqual(begun, ['a1', 'a2', 'b1', 'a3', 'a4']);
});

test('a list that fails gives its place on, and its caller the error', async () => {
  const turns = createListTurns(1, 2);
  const failed = turns.run('a', () => Promise.reject(new Error('broken')));
  const behind = turns.run('a', async () => 7);
  await assert.rejects(failed, /broken/);
  assert.deepEqual([await behind, await turns.run('a', async () => 8)], [7, 8]);
});

test('lists are read while one is, and for a moment after it', async (t) => {
  t.mock.method(performance, 'now', () => nowMs);
  let nowMs = 1_000;
  const turns = createListTurns(1, 2);
  const { endOldest, work } = createWorks();
  assert.equal(turns.isBusy(), false);
  const read = turns.run('a', work('a1'));
  await turn();
  nowMs += 10_000;
  assert.equal(turns.isBusy(), true);
  await endOldest();
  await read;
  nowMs += 100;
  assert.equal(turns.isBusy(), true);
  nowMs += 1_000;
  assert.equal(turns.isBusy(), false);
});

test('beyond the limit a list is refused at once, and one of which a part is sent waits', async () => {
  const turns = createListTurns(1, 2);
  const { begun, endOldest, work } = createWorks();
  const accepted = ['a1', 'a2', 'a3'].map((name) => turns.run('a', work(name)));
  await assert.rejects(turns.run('a', work('a4')), { code: 'overloaded', retryAfterS: 1 });
  accepted.push(turns.goOn('a', work('part')), turns.run('b', work('b1')));
  for (let i = 0; i < 5; i += 1) await endOldest();
  await Promise.all(accepted);
  assert.deepEqual(begun, ['a1', 'b1', 'a2', 'a3', 'part']);
});

test('lists over many connections', async (t) => {
  const app = await startApp(t);
  const [one, other] = [await app.addTenant('One'), await app.addTenant('Other')];
  await addSession(app, one);
  const { sessions } = app.deps;
  const { list } = sessions;
  let begun = 0;
  const held = Promise.withResolvers<void>();
  Object.assign(sessions, {
    list: async (...args: Parameters<typeof list>) => {
      if (args[0] === one.accountId) {
        begun += 1;
        await held.promise;
      }
      return await list(...args);
    },
  });
  t.after(() => held.resolve());

  await t.test('an account has four read at once, and another one is answered meanwhile', async () => {
    const asked = [
      '/api/v1/sessions',
      '/api/v1/sessions?format=csv',
      `/api/v1/agents/${one.agentId}/sessions`,
      '/sessions',
    ];
    const answers = Array.from({ length: 24 }, (_, i) => app.get(asked[i % 4]!, one.cookie));
    while (begun < 4) await turn();
    for (let i = 0; i < 3; i += 1) {
      const answer = await app.get('/api/v1/sessions', other.cookie);
      assert.equal(answer.status, 200);
      await answer.text();
    }
    assert.equal(begun, 4);
    // What reads one thing waits for no list.
    assert.equal((await app.get('/api/v1/me', one.cookie)).status, 200);
    held.resolve();
    for (const answer of await Promise.all(answers)) {
      assert.equal(answer.status, 200);
      await answer.text();
    }
  });
});
