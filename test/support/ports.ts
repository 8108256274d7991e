import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** A port of the loopback address that is taken until the test ends. */
export async function occupyPort(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
