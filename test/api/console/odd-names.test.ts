// Whoever writes to the database can leave any name on an account or a user, and any time: pages stay pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Document, Long } from 'mongodb';
import { startApp } from '../../support/start-app.ts';

type Row = Document & { _id: string };

const ODD: readonly unknown[] = [
  ...[null, 5, true, '', [null], {}, { $gt: '' }, new Date(8.64e15)],
  Long.fromString('9223372036854775807'),
];

test('a name or a time of any type on an account or a user ends no page', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('Clinic');
  await app.addTenant('Other clinic');
  const cookie = await app.login(accountId, ['sessions:read', 'reports:read', 'tokens:write', 'admin']);
  const { db } = app.database;
  const user = (await db.collection<Row>('users').findOne({ account_id: accountId })) as Row;
  for (const value of ODD) {
    await db.collection<Row>('users').updateOne({ _id: user._id }, { $set: { name: value } });
    await db
      .collection<Row>('accounts')
      .updateOne({ _id: accountId }, { $set: { name: value, created_at: value } });
    for (const path of ['/', '/sessions', '/logins', '/tokens', '/operators/accounts', '/no-such-page']) {
      const page = await app.get(path, cookie);
      const text = await page.text();
      const of = `${path} with ${JSON.stringify(value)}`;
      assert.equal(page.status, path === '/no-such-page' ? 404 : 200, of);
      assert.ok(path === '/no-such-page' || text.includes(`<strong>${accountId}</strong>`), of);
      assert.ok(path !== '/operators/accounts' || text.includes('Other clinic'), of);
    }
  }
});
