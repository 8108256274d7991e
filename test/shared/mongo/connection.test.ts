import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { it, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { connectMongo, openMongo } from '../../../shared/mongo/connection.ts';
import { startFaultyProxy } from '../../support/faulty-proxy.ts';
import { SELF_SIGNED } from '../../support/self-signed.ts';

/** A proxy behind which the server says that it is this member of a replica set. */
async function startMember(t: TestContext, member: Record<string, unknown>): Promise<string> {
  const proxy = await startFaultyProxy(process.env.TEST_MONGODB_URI ?? '');
  t.after(() => proxy.close());
  const change = (reply: object) => ({
    ...reply,
    setName: 'rs0',
    setVersion: 1,
    hosts: [proxy.uri.slice('mongodb://'.length, proxy.uri.indexOf('/?'))],
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

/** The message with which a connection is refused. */
async function refusalOf(uri: string): Promise<string> {
  const quick = `${uri}${uri.includes('?') ? '&' : '/?'}serverSelectionTimeoutMS=400`;
  const error = await connectMongo(quick, 'test_refused').then(
    () => assert.fail('it connected'),
    (thrown: unknown) => thrown as AppError,
  );
  assert.equal(error.code, 'unavailable');
  return error.message;
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

it('a server of another replica set is named, and one of none', async (t) => {
  const uri = await startMember(t, { ismaster: true, isWritablePrimary: true, secondary: false });
  assert.match(await refusalOf(`${uri}&replicaSet=other`), /member of the replica set "rs0".*replicaSet=rs0/);
  const alone = new URL(process.env.TEST_MONGODB_URI ?? '');
  alone.searchParams.set('replicaSet', 'other');
  assert.match(await refusalOf(alone.href), /member of no replica set/);
});

it('a login that is refused is told from a server that does not answer', async (t) => {
  const proxy = await startFaultyProxy(process.env.TEST_MONGODB_URI ?? '');
  t.after(() => proxy.close());
  const refuse = (code: number, errmsg: string) => ({ reply: { ok: 0, code, errmsg } });
  proxy.setFaults((name) => (name === 'saslStart' ? refuse(18, 'Authentication failed.') : null));
  const uri = proxy.uri.replace('mongodb://', 'mongodb://ada:Hunter2@');
  const message = await refusalOf(uri);
  assert.match(message, /refuses the login.*authSource/);
  assert.doesNotMatch(message, /ada|Hunter2/);
  proxy.setFaults((name) => (name === 'find' ? refuse(13, 'not authorized') : null));
  assert.match(await refusalOf(proxy.uri), /no right to read the database.*readWrite/);
});

it('a certificate that nobody signed, and a server without TLS, are named', async (t) => {
  const secure = await portOf(t, createTlsServer(SELF_SIGNED));
  const refused = await refusalOf(`mongodb://localhost:${secure}/?tls=true&family=4`);
  assert.match(refused, /certificate is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*tlsCAFile/);
  const plain = new URL(process.env.TEST_MONGODB_URI ?? '');
  plain.searchParams.set('tls', 'true');
  assert.match(await refusalOf(plain.href), /does not take the TLS connection|does not answer/);
  assert.match(
    await refusalOf(`mongodb://localhost:${secure}/?tls=true&tlsCAFile=/nowhere/ca.pem`),
    /A file that MONGODB_URI names.*cannot be read \(ENOENT\)/,
  );
});

it('a server that is not there, and a host without an address, are told apart', async (t) => {
  const server = createServer();
  const port = await portOf(t, server);
  server.close();
  assert.match(await refusalOf(`mongodb://127.0.0.1:${port}`), /does not answer.*host and port/);
  assert.match(await refusalOf('mongodb://nowhere.invalid'), /host in MONGODB_URI has no address/);
});

it('a primary that cannot be reached is told from a server that is away', async (t) => {
  const uri = await startMember(t, { ismaster: false, isWritablePrimary: false, secondary: true });
  const { port } = new URL(uri);
  const set = new URL(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`);
  assert.match(await refusalOf(set.href), /has no primary that can be reached/);
});

it('time-outs in the URI come before those of the program, and those of the caller before both', async (t) => {
  const uri = 'mongodb://127.0.0.1:1/?SocketTimeoutMS=1234&connecttimeoutms=99&maxPoolSize=7';
  const mongo = openMongo(uri, 'test_options');
  const own = openMongo(uri, 'test_options', { socketTimeoutMs: 0 });
  t.after(() => Promise.all([mongo.close(), own.close()]));
  const { socketTimeoutMS, connectTimeoutMS, maxPoolSize, waitQueueTimeoutMS } = mongo.client.options;
  assert.deepEqual(
    [socketTimeoutMS, connectTimeoutMS, maxPoolSize, waitQueueTimeoutMS],
    [1_234, 99, 7, 10_000],
  );
  assert.equal(own.client.options.socketTimeoutMS, 0);
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
