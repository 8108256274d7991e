// Stands between a writer and its database, and cuts the connection around a write: the command may or may not have
// reached the server, and its reply never comes back.
import { startBetween, type TcpProxy } from './tcp-proxy.ts';

/**
 * Where a write is cut: before the server hears of it, when it has been passed on, or when the server has answered.
 */
export type Cut = 'before' | 'sent' | 'answered';

export type CuttingProxy = TcpProxy &
  Readonly<{
    /** Cuts the next write to the collection, then the one after, as listed. */
    cutNext(...cuts: Cut[]): void;
    /** Cuts that have not come about yet. */
    pending(): number;
  }>;

export async function startCuttingProxy(
  target: { host: string; port: number },
  collection: string,
): Promise<CuttingProxy> {
  const writes = ['insert', 'update'].map((name) => command(name, collection));
  const cuts: Cut[] = [];

  const proxy = await startBetween(target, (inbound, outbound) => {
    let cutAtReply = false;
    const cut = () => {
      inbound.destroy();
      outbound.destroy();
    };
    inbound.on('data', (bytes) => {
      const next = writes.some((write) => bytes.includes(write)) ? cuts.shift() : undefined;
      if (next === 'before') return cut();
      if (next === 'answered') cutAtReply = true;
      outbound.write(bytes, next === 'sent' ? cut : undefined);
    });
    outbound.on('data', (bytes) => (cutAtReply ? cut() : inbound.write(bytes)));
  });
  return {
    ...proxy,
    cutNext: (...next) => cuts.push(...next),
    pending: () => cuts.length,
  };
}

/** How a command on a collection begins in BSON: its name, and the collection's as a string. */
function command(name: string, collection: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(collection.length + 1);
  return Buffer.concat([Buffer.from(`\u0002${name}\0`), length, Buffer.from(`${collection}\0`)]);
}
