import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';

const WRITES = /^(insert|update|delete|findAndModify|createIndexes)$/;
const REPLY = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized' };

/** Stands before a server as a login does that may only read. */
export async function startProxyThatOnlyReads(
  t: Readonly<{ after(cleanUp: () => Promise<void>): void }>,
  uri: string,
): Promise<FaultyProxy> {
  const proxy = await startFaultyProxy(uri);
  t.after(() => proxy.close());
  proxy.setFaults((name) => (WRITES.test(name) ? { reply: REPLY } : null));
  return proxy;
}
