import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../support/answers.ts';
import { eventually } from '../support/eventually.ts';
import { addSessionWithLog, redaction } from '../support/logs.ts';
import { startApp } from '../support/start-app.ts';

test('requests share the pool', async (t) => {
  // Room for two, so that one account has room for one.
  const app = await startApp(t, { REPORT_QUEUE_LIMIT: '2' });
  const tenant = await app.addTenant('Clinic');
  const events = Array.from({ length: 2_000 }, (_, i) => redaction('NAME', [i, i + 1]));
  const session = await addSessionWithLog(app, tenant, { events });
  const paths = [`/api/v1/sessions/${session.id}`, `/api/v1/sessions/${session.id}/report`];

  const untilIdle = () =>
    eventually('the pool has nothing to do', () =>
      assert.deepEqual(app.deps.pool.stats(), { threads: 1, running: 0, waiting: 0 }),
    );

  await t.test(
    'an account that holds its half of the pool is 503 overloaded, with when to try again',
    async () => {
      const busy = new AbortController();
      const log = { accountId: session.accountId, sessionId: session.id };
      const held = app.deps.pool.verifySession(log, { signal: busy.signal }).catch(() => {});
      for (const path of paths) {
        const response = await app.get(path, tenant.cookie);
        assert.match(response.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        await assertError(response, 503, 'overloaded');
        // HEAD walks no log, so it needs no place in the pool.
        assert.equal((await app.get(path, tenant.cookie, { method: 'HEAD' })).status, 200);
      }
      busy.abort();
      await held;
      await untilIdle();
    },
  );

  await t.test('requests are answered again once the account has left its place', async () => {
    for (const path of paths) {
      const response = await app.get(path, tenant.cookie);
      assert.equal(response.status, 200);
      await response.text();
    }
  });

  await t.test('HEAD walks no log and leaves nothing running', async () => {
    for (const path of paths) await app.get(path, tenant.cookie, { method: 'HEAD' });
    await untilIdle();
  });

  await t.test('a caller that hangs up leaves nothing running', async () => {
    for (const path of paths) {
      const hangUp = new AbortController();
      const answer = app.get(path, tenant.cookie, { signal: hangUp.signal });
      await eventually('the request holds a place', () => app.deps.pool.stats().waiting === 1, {
        everyMs: 1,
      });
      hangUp.abort();
      await assert.rejects(answer.then((response) => response.text()));
      await untilIdle();
    }
  });
});
