// One reaction to a log that fails, whichever route found it: marked, counted, logged, and cleared by the one that finds
// it verified again.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { sessionsResponse } from '../../../../api/http/session-summary.ts';
import { damagedRow, unknownKey } from '../../../../shared/audit/verdict.ts';
import type { Session, SessionSnapshot } from '../../../../shared/sessions/session.ts';
import { eventOf } from '../../../support/audit-world.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../../support/logs.ts';
import { readTexts } from '../../../support/segments.ts';
import { startApp, type Tenant, type TestApp } from '../../../support/start-app.ts';

type Line = Record<string, unknown> & { msg: string };

async function prepare(t: TestContext) {
  const lines: Line[] = [];
  const log = pino({ base: null }, { write: (text: string) => lines.push(JSON.parse(text) as Line) });
  const app = await startApp(t, {}, { log });
  const tenant = await app.addTenant('Clinic');
  const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
  return { app, tenant, session, lines };
}

const ROUTES = {
  'the report': (session: Session) => `/api/v1/sessions/${session.id}/report`,
  'the session page': (session: Session) => `/api/v1/sessions/${session.id}`,
};

async function read(app: TestApp, path: string, { cookie }: Tenant): Promise<void> {
  await (await app.get(path, cookie)).text();
}

async function find(app: TestApp, { accountId, id }: Session): Promise<SessionSnapshot> {
  return (await app.deps.sessions.findSnapshot(accountId, id)) as SessionSnapshot;
}

const isFailure = ({ msg }: Line) => msg === 'a log failed';

for (const [name, pathOf] of Object.entries(ROUTES)) {
  describe(`a log that fails when ${name} is asked for`, () => {
    it('a failed log marks the session, and is counted and logged with the session id, once', async (t) => {
      const { app, tenant, session, lines } = await prepare(t);
      await damageEntry(app, session, 1);
      const warnings: string[] = [];
      const warn = ({ name }: Error) => void warnings.push(name);
      process.on('warning', warn);
      t.after(() => process.off('warning', warn));
      for (let i = 0; i < 2; i += 1) await read(app, pathOf(session), tenant);
      assert.deepEqual(warnings, [], 'Node writes such a line into the log for each answer');
      const { marks } = await find(app, session);
      assert.deepEqual([marks.failed?.fault, marks.failed?.seq], ['altered', 1]);
      const { id: session_id, accountId: account_id } = session;
      const event = eventOf((await readTexts(app.database.db, session))[1]);
      assert.deepEqual(
        lines
          .filter(isFailure)
          .map(({ level: _, time: __, expected: ___, calculated: ____, ...fields }) => fields),
        [
          {
            ...{ session_id, account_id, fault: 'altered', seq: 1, msg: 'a log failed' },
            event_id: event.id,
            event_ts: event.ts,
          },
        ],
      );
      assert.equal(app.deps.metrics.failedLogs(), 1);
    });

    it('a log that is verified again loses its mark', async (t) => {
      const { app, tenant, session, lines } = await prepare(t);
      await app.deps.sessions.markFailed(session.accountId, session.id, {
        status: 'failed',
        fault: 'altered',
        seq: 1,
        expected: null,
        calculated: null,
      });
      await read(app, pathOf(session), tenant);
      assert.deepEqual((await find(app, session)).marks, { failed: null, unverifiable: null });
      assert.ok(lines.some(({ msg }) => msg === 'a marked log is verified again'));
    });

    it('a log whose key is not configured is marked as unverifiable, and no failure is counted', async (t) => {
      const { app, tenant, session, lines } = await prepare(t);
      const rows = app.database.db.collection<{ _id: string }>('sessions');
      await rows.updateOne({ _id: session.id }, { $set: { 'log.key_id': 'k_lost' } });
      await read(app, pathOf(session), tenant);
      assert.deepEqual((await find(app, session)).marks.unverifiable, unknownKey('k_lost'));
      assert.equal(lines.filter(isFailure).length, 0);
      assert.equal(app.deps.metrics.failedLogs(), 0);
    });

    it('a log whose row names another policy version is marked as unverifiable and listed, until the row is restored', async (t) => {
      const { app, tenant, session } = await prepare(t);
      const rows = app.database.db.collection<{ _id: string }>('sessions');
      const setVersion = (version: number) =>
        rows.updateOne({ _id: session.id }, { $set: { policy_version: version } });
      const listed = async () => {
        const response = await app.get(
          '/api/v1/sessions?log=unverifiable&since=2020-01-01T00:00:00Z',
          tenant.cookie,
        );
        return sessionsResponse.parse(await response.json()).data.map(({ id }) => id);
      };
      await setVersion(99);
      await read(app, pathOf(session), tenant);
      assert.deepEqual((await find(app, session)).marks.unverifiable, damagedRow('policy_version'));
      assert.deepEqual(await listed(), [session.id]);
      assert.equal(app.deps.metrics.failedLogs(), 0);
      await setVersion(session.policyVersion);
      await read(app, pathOf(session), tenant);
      assert.deepEqual((await find(app, session)).marks, { failed: null, unverifiable: null });
      assert.deepEqual(await listed(), []);
    });
  });
}

it('HEAD walks no log and marks no session', async (t) => {
  const { app, tenant, session } = await prepare(t);
  await damageEntry(app, session, 1);
  for (const pathOf of Object.values(ROUTES)) {
    const response = await app.get(pathOf(session), tenant.cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
  }
  assert.deepEqual((await find(app, session)).marks, { failed: null, unverifiable: null });
});
