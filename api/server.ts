// The HTTP server around the app: listens, passes requests to the app, and stops.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type Koa from 'koa';
import { AppError } from '../shared/errors/app-error.ts';
import { type Connections, trackConnections } from './http/connections.ts';
import type { ApiState } from './http/context.ts';
import { noteRefusal } from './http/measure-requests.ts';
import { oneByOne } from './http/one-by-one.ts';
import { refuseMalformed, refuseUnparsed } from './http/refusals.ts';

export type HttpServer = Readonly<{
  /** Base address, without a slash at the end. */
  url: string;
  /** Takes no more requests and lets running ones finish. Cuts the connections that are open when `force` aborts. */
  close(force: AbortSignal): Promise<void>;
}>;

export type ListenOptions = Readonly<{
  /** TCP port; 0 takes any free one. */
  port: number;
  host: string;
  /**
   * Ends a connection on which nothing moves for so long: a caller who stops reading would hold a thread. One whose request
   * lacks a part of its body is refused first.
   */
  idleTimeoutMs: number;
  /** Refuses a request that has not arrived whole after so long, body included. 5 minutes when it is left out. */
  requestTimeoutMs?: number;
  /** Is told the status of each refusal of what never reached the app. */
  onRefusal?: (status: number) => void;
}>;

const REQUEST_TIMEOUT_MS = 300_000;
/** Node looks this often for requests that are late. */
const LOOK_MS = 30_000;

/** Error codes of a connection that the caller closed, even in the middle of a request. */
const HUNG_UP = new Set<string | undefined>(['ECONNRESET', 'HPE_INVALID_EOF_STATE']);

/** Rejects with `unavailable` when the address is taken or not allowed. */
export async function listen(
  app: Pick<Koa<ApiState>, 'callback'>,
  options: ListenOptions,
): Promise<HttpServer> {
  // Node refuses a request without Host with a bare 400; `routeRequests` does it with our headers and envelope.
  const { requestTimeoutMs: requestTimeout = REQUEST_TIMEOUT_MS } = options;
  const connectionsCheckingInterval = Math.min(LOOK_MS, requestTimeout);
  const server = createServer({ requireHostHeader: false, requestTimeout, connectionsCheckingInterval });
  server.timeout = options.idleTimeoutMs;
  const connections = trackConnections(server);
  const { onRefusal = () => {} } = options;
  routeRequests(server, app, connections, onRefusal);
  const refuse = (socket: Socket, errorCode: string | undefined) =>
    connections.refuse(socket, (broken) => {
      const status = refuseUnparsed(errorCode, socket);
      if (status !== null && !(broken && noteRefusal(broken, status))) onRefusal(status);
    });
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    if (HUNG_UP.has(error.code)) socket.destroy();
    else refuse(socket, error.code);
  });
  server.on('timeout', (socket) => {
    if (!connections.awaitsBody(socket)) socket.destroy();
    else refuse(socket, 'ERR_HTTP_REQUEST_TIMEOUT');
  });
  server.listen(options.port, options.host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const { code } = error;
    throw new AppError(
      'unavailable',
      `Cannot listen at ${options.host}:${options.port} (${code}): set PORT or HOST`,
    );
  });
  const address = server.address() as AddressInfo;
  const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${hostname}:${address.port}`, close: (force) => close(server, connections, force) };
}

function routeRequests(
  server: Server,
  app: Pick<Koa<ApiState>, 'callback'>,
  connections: Connections,
  onRefusal: (status: number) => void,
): void {
  const answerByApp = app.callback();
  const begin = (request: IncomingMessage, answer: ServerResponse) => {
    // Its answer could not be sent: an earlier answer on the connection was the last.
    if (!request.socket.writable) return;
    // Node drops what came behind such a request with it: whatever comes next would be taken for another request.
    if (asksForUpgrade(request)) answer.shouldKeepAlive = false;
    if (namesItsHost(request)) void answerByApp(request, answer);
    else onRefusal(refuseMalformed(answer));
  };
  server.on('request', oneByOne(begin));
  // Passes the app two kinds of request that Node would answer itself or drop. The app ignores an expectation, and
  // refuses CONNECT like any other method that no route takes.
  server.on('checkExpectation', (request, answer) => server.emit('request', request, answer));
  server.on('connect', (request: IncomingMessage, stream: Duplex) => {
    const socket = stream as Socket;
    // Node has taken its own listeners off: nothing else looks after the connection from now on.
    for (const event of ['error', 'timeout']) socket.on(event, () => socket.destroy());
    // An answer before this one would wait for its listeners for ever.
    if (connections.isAnswering(socket)) {
      socket.destroy();
      return;
    }
    // The end of what the caller sends is seen only where it is read.
    socket.resume();
    const answer = new ServerResponse(request);
    answer.setHeader('Connection', 'close');
    answer.assignSocket(socket);
    answer.once('finish', () => socket.destroySoon());
    server.emit('request', request, answer);
  });
}

/** RFC 9110 §7.8. No protocol is switched to. */
function asksForUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? '');
}

/** RFC 9112 §3.2: a request of HTTP/1.1 names one host, once. */
function namesItsHost({ httpVersion, headersDistinct }: IncomingMessage): boolean {
  return httpVersion === '1.0' || headersDistinct.host?.length === 1;
}

async function close(server: Server, connections: Connections, force: AbortSignal): Promise<void> {
  const closed = once(server, 'close');
  const cut = () => server.closeAllConnections();
  // The close() of HTTP servers cuts callers who have not read an answer that is written, and goes on serving callers
  // who keep their connection busy.
  NetServer.prototype.close.call(server);
  connections.finishAll();
  if (force.aborted) cut();
  else force.addEventListener('abort', cut, { once: true });
  await closed;
  force.removeEventListener('abort', cut);
}
