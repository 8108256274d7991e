// Stands between the program and its database, so that a test can take the database away.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type TcpProxy = Readonly<{
  port: number;
  /** Cuts every connection and refuses new ones. */
  close(): Promise<void>;
}>;

type Target = Readonly<{ host: string; port: number }>;

export function startTcpProxy(target: Target): Promise<TcpProxy> {
  return startBetween(target, (inbound, outbound) => {
    inbound.pipe(outbound);
    outbound.pipe(inbound);
  });
}

/** Leaves it to `join` what passes between the two sockets of each connection. They end together. */
export async function startBetween(
  target: Target,
  join: (inbound: Socket, outbound: Socket) => void,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(target.port, target.host);
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    join(inbound, outbound);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
