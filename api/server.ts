// The HTTP server around the app: where it listens, what it says to requests that are not HTTP, and how it stops.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type Koa from 'koa';
import { newId } from '../shared/ids.ts';
import type { ApiState } from './context.ts';
import { formatError } from './middleware/errors.ts';

export type HttpServer = Readonly<{
  /** Base address, without a slash at the end. */
  url: string;
  /** Takes no more requests and lets running ones finish; connections still open when `force` aborts are cut. */
  close(force: AbortSignal): Promise<void>;
}>;

export type ListenOptions = Readonly<{
  /** 0 takes any free one. */
  port: number;
  host: string;
  /** A connection on which nothing moves for so long is cut, so that a caller who stops reading holds no thread. */
  idleTimeoutMs: number;
}>;

/** Rejects when the address cannot be had. */
export async function listen(app: Koa<ApiState>, options: ListenOptions): Promise<HttpServer> {
  const server = createServer(app.callback());
  server.timeout = options.idleTimeoutMs;
  const lastAnswers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, answer) => lastAnswers.set(socket, answer));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A refusal written into an answer that is under way would garble it.
    const garbles = lastAnswers.get(socket)?.writableFinished === false;
    if (error.code === 'ECONNRESET' || !socket.writable || garbles) socket.destroy();
    else refuseMalformed(error, socket);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${hostname}:${address.port}`, close: (force) => close(server, force) };
}

async function close(server: Server, force: AbortSignal): Promise<void> {
  const closed = once(server, 'close');
  const cut = () => server.closeAllConnections();
  server.close();
  if (force.aborted) cut();
  else force.addEventListener('abort', cut, { once: true });
  await closed;
  force.removeEventListener('abort', cut);
}

// Node's parser gives up on these before there is a request, so the app and its table of errors never see them.
const REFUSALS: Record<string, { status: number; code: string; message: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    message: 'The request line and headers are too long.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request_timeout',
    message: 'The request did not arrive in time.',
  },
};
const MALFORMED = { status: 400, code: 'bad_request', message: 'The request is not valid HTTP.' };

function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { status, code, message } = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const requestId = newId('request');
  const body = formatError(code, message, requestId);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
