import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canSignDemoData, findDemoAccount, writeDemoData } from '../../../scripts/demo/demo-data.ts';
import { DEMO_SESSION_COUNT, planSessions } from '../../../scripts/demo/demo-plan.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createReportPool } from '../../../workers/reports/pool.ts';
import { createLogWorld, TEST_KEY } from '../../support/audit-world.ts';
import { verifyStored } from '../../support/verify.ts';

describe('the demo plan', () => {
  it('the demo plan depends on the account id alone, and ends when the account was made', () => {
    const accountId = newId('account');
    const [plan, again] = [planSessions(accountId), planSessions(accountId)];
    assert.equal(plan.length, DEMO_SESSION_COUNT);
    assert.deepEqual(
      plan.map(({ id }) => id),
      again.map(({ id }) => id),
    );
    assert.deepEqual(plan[7]!.events(), again[7]!.events());
    assert.equal(new Set(plan.map(({ agent }) => agent.id)).size, 6);
    assert.equal(Math.max(...plan.map(({ events }) => events().length)), 20_000);
    assert.ok(plan.every(({ endedAt }) => endedAt.getTime() <= Date.now()));
    assert.ok(plan.filter(({ startedAt }) => Date.now() - startedAt.getTime() < 86_400_000).length >= 5);
  });
});

describe('demo data', () => {
  it('demo data is not begun where every key is bound to other accounts, starts too late or has ended', () => {
    const accountId = newId('account');
    const scope = { accountIds: [newId('account')], notBefore: null, notAfter: null };
    const today = { accountIds: [], notBefore: new Date(), notAfter: null };
    const past = { accountIds: [], notBefore: null, notAfter: new Date(Date.now() - 2 * 86_400_000) };
    assert.ok(canSignDemoData({ auditKeys: [TEST_KEY] }, accountId));
    assert.ok(!canSignDemoData({ auditKeys: [{ ...TEST_KEY, scope: past }] }, accountId));
    assert.ok(!canSignDemoData({ auditKeys: [{ ...TEST_KEY, scope }] }, accountId));
    assert.ok(!canSignDemoData({ auditKeys: [{ ...TEST_KEY, scope: today }] }, accountId));
    assert.ok(!canSignDemoData({ auditKeys: [] }, accountId));
  });

  it('writing demo data continues where it was interrupted, and every log is verified', async (t) => {
    const world = await createLogWorld(t);
    const config = { auditKeys: [TEST_KEY] };
    const accountId = (await findDemoAccount(world.db)) as string;
    const interrupted = new Error('interrupted');
    const stopAt100 = writeDemoData({
      db: world.db,
      config,
      accountId,
      onProgress: () => {
        throw interrupted;
      },
    });
    await assert.rejects(stopAt100, interrupted);
    assert.equal(await findDemoAccount(world.db), accountId);

    await writeDemoData({ db: world.db, config, accountId, onProgress: () => {} });
    assert.equal(await findDemoAccount(world.db), null);

    const poolConfig = {
      mongodbDb: world.database.name,
      auditKeys: [TEST_KEY],
      reportThreads: 2,
      reportQueueLimit: 64,
    };
    const pool = await createReportPool({ mongodbUri: world.database.uri, config: poolConfig });
    t.after(() => pool.close());
    for (const planned of planSessions(accountId)) {
      const session = (await world.sessions.find(accountId, planned.id)) as Session;
      const { verdict } = await verifyStored(pool, session);
      assert.equal(verdictName(verdict), 'verified');
      assert.equal(session.log.size, planned.events().length);
    }
  });
});
