// A receiver of webhooks on this machine. It keeps what it got, verified as the package standardwebhooks does.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = Readonly<{
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}>;

export type Receiver = Readonly<{
  url: string;
  port: number;
  received: readonly Received[];
  /** The ids of the messages, in the order in which they came. */
  ids(): string[];
}>;

type Cleaned = { after(cleanUp: () => Promise<void>): void };

/** Answers 204, or as `answer` does. */
export async function startReceiver(
  t: Cleaned,
  answer: (response: ServerResponse, received: Received, request: IncomingMessage) => void = (response) =>
    void response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const got: Received = {
      path: request.url as string,
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(parts).toString(),
    };
    received.push(got);
    answer(response, got, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    ids: () => received.map(({ headers }) => headers['webhook-id'] as string),
  };
}
