import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import { startFaultyProxy } from '../../support/faulty-proxy.ts';

/** A proxy behind which the server says that it is this member of a replica set. */
async function startMember(t: TestContext, member: Record<string, unknown>): Promise<string> {
  const proxy = await startFaultyProxy(process.env.TEST_MONGODB_URI ?? '');
  t.after(() => proxy.close());
  const change = (reply: object) => ({
    ...reply,
    setName: 'rs0',
    setVersion: 1,
    hosts: ['a:1', 'b:1'],
    ...member,
  });
  proxy.setFaults((name) => (/^(hello|ismaster)$/i.test(name) ? { change } : null));
  return proxy.uri;
}

it('a direct connection to the primary of a replica set is taken', async (t) => {
  const uri = await startMember(t, { ismaster: true, isWritablePrimary: true, secondary: false });
  const mongo = await connectMongo(uri, 'test_member');
  await mongo.close();
});

it('a direct connection to a secondary is refused, with a remedy: the driver would read from it', async (t) => {
  const uri = await startMember(t, { ismaster: false, isWritablePrimary: false, secondary: true });
  await assert.rejects(connectMongo(uri, 'test_member'), {
    code: 'unavailable',
    message: /not its primary.*directConnection/,
  });
});

it('a server that was started without majority reads is refused, with a remedy', async (t) => {
  const proxy = await startFaultyProxy(process.env.TEST_MONGODB_URI ?? '');
  t.after(() => proxy.close());
  const reply = { ok: 0, code: 148, codeName: 'ReadConcernMajorityNotEnabled', errmsg: 'not enabled' };
  proxy.setFaults((_name, _collection, { readConcern }) => (readConcern ? { reply } : null));
  await assert.rejects(connectMongo(proxy.uri, 'test_member'), {
    code: 'unavailable',
    message: /enableMajorityReadConcern/,
  });
});
