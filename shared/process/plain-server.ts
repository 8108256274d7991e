// A small HTTP server for operators and probes: a few paths, no login, no bodies. It stays up while its process drains
// and releases what it holds, so a probe hears why.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../errors/app-error.ts';

export type PlainAnswer = Readonly<{ status: number; type: string; body: string }>;

/** An answer by its path, such as `/metrics`. A rejection is answered with 500. */
export type PlainAnswers = Readonly<Record<string, () => Promise<PlainAnswer>>>;

export type PlainServer = Readonly<{
  /** Base address, without a slash at the end. */
  url: string;
  /** Cuts what is open: nobody waits for such an answer. */
  close(): Promise<void>;
}>;

export type PlainPlace = Readonly<{
  /** TCP port; 0 takes any free one. */
  port: number;
  host: string;
  /** The variable that sets the port, for the error. */
  setting: string;
}>;

const TIMEOUT_MS = 10_000;

/** Rejects with `unavailable` when the address is taken or not allowed. */
export async function listenPlain(
  { port, host, setting }: PlainPlace,
  answers: PlainAnswers,
): Promise<PlainServer> {
  const server = createServer(answerFrom(new Map(Object.entries(answers))));
  server.timeout = TIMEOUT_MS;
  server.listen(port, host);
  await once(server, 'listening').catch(({ code }: NodeJS.ErrnoException) => {
    throw new AppError('unavailable', `Cannot listen at ${host}:${port} (${code}): set ${setting} or HOST`);
  });
  const address = server.address() as AddressInfo;
  const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${hostname}:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers GET and HEAD alone. */
function answerFrom(answers: ReadonlyMap<string, PlainAnswers[string]>): RequestListener {
  return (request, response) => {
    const path = (request.url ?? '').replace(/\?.*/s, '');
    const answer = answers.get(path) ?? (async () => NOT_FOUND);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    (isRead ? answer() : Promise.resolve(NOT_ALLOWED))
      .catch(() => FAILED)
      .then(({ status, type, body }) => {
        const headers = {
          'Content-Type': type,
          'Content-Length': Buffer.byteLength(body),
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
          ...(status === 405 && { Allow: 'GET, HEAD' }),
        };
        response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
      });
  };
}

const plain = (status: number, body: string): PlainAnswer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

const NOT_FOUND = plain(404, 'not found');
const NOT_ALLOWED = plain(405, 'method not allowed');
const FAILED = plain(500, 'failed');

/** Whether a process is ready, in the words of /health/ready. */
export type Readiness = 'ok' | 'unavailable' | 'stopping';

/** The answer of /health/ready, and with `ok` that of /health/live. */
export function plainHealth(status: Readiness): PlainAnswer {
  const body = `${JSON.stringify({ status })}\n`;
  return { status: status === 'ok' ? 200 : 503, type: 'application/json; charset=utf-8', body };
}
