import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectMongo, openMongo } from '../../../shared/mongo/connection.ts';
import { prepareIndexes } from '../../../shared/process/prepare-indexes.ts';
import { startFaultyProxy } from '../../support/faulty-proxy.ts';

type Wanted = Readonly<{ key: object; unique?: boolean }>;

/** Of the indexes that make a list quick, one. */
const isListed = (key: object) => 'merkle_root_hex' in key;

test('the building of indexes', async (t) => {
  const serverUri = process.env.TEST_MONGODB_URI ?? '';
  const proxy = await startFaultyProxy(serverUri);
  const cleanUps = new AsyncDisposableStack();
  cleanUps.defer(() => proxy.close());
  t.after(() => cleanUps.disposeAsync());
  const uri = `${proxy.uri}&socketTimeoutMS=200`;

  /** Prepares a new database; the faults are asked about each index that is created. */
  async function prepare(decide: (index: Wanted) => ReturnType<Parameters<typeof proxy.setFaults>[0]>) {
    const dbName = `test_indexes_${process.hrtime.bigint()}`;
    const { db, close } = await connectMongo(uri, dbName);
    cleanUps.defer(async () => {
      await close();
      // Past the proxy: a server may take longer to drop a database than a socket of this test may be silent.
      const server = openMongo(serverUri, dbName);
      await server.db.dropDatabase().finally(server.close);
    });
    proxy.setFaults((name, _collection, { indexes }) =>
      name === 'createIndexes' ? decide((indexes as Wanted[])[0]!) : null,
    );
    const build = await prepareIndexes({ uri, dbName, db });
    cleanUps.defer(() => build.stop());
    return build;
  }

  await t.test(
    'a process waits for unique indexes, longer than a socket may be silent, and not for lists',
    async () => {
      const listed = Promise.withResolvers<void>();
      const needed = sleep(600);
      let waited = 0;
      const build = await prepare(({ key, unique }) => {
        if (isListed(key)) return { after: listed.promise };
        if (!unique) return null;
        waited += 1;
        return waited === 1 ? { after: needed } : null;
      });
      assert.ok(waited > 1);
      assert.match(
        build.state(),
        /^building: \d+ indexes \(\w+: \w+.* …\), and lists that need them are slow/,
      );
      listed.resolve();
      await build.done;
      assert.equal(build.state(), 'ok');
    },
  );

  await t.test('an index that cannot be built is told, and the others are built', async () => {
    const reply = { ok: 0, code: 67, codeName: 'CannotCreateIndex', errmsg: 'too many indexes' };
    const build = await prepare(({ key }) => (isListed(key) ? { reply } : null));
    await build.done;
    assert.equal(build.state(), 'failed: 1 index (sessions: account_id, merkle_root_hex): too many indexes');
  });

  await t.test('a build that a database ends is begun again, until the process stops', async () => {
    const reply = { ok: 0, code: 11600, codeName: 'InterruptedAtShutdown', errmsg: 'shutting down' };
    const build = await prepare(({ key }) => (isListed(key) ? { reply } : null));
    assert.match(build.state(), /^building/);
    await build.stop();
    await build.done;
  });

  await t.test('a login that may not create what is missing is told so', async () => {
    const reply = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized' };
    await assert.rejects(
      prepare(({ unique }) => (unique ? { reply } : null)),
      /no right to create it: grant its user readWrite/,
    );
  });
});
