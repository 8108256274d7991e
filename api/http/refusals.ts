// Answers to input that is not a valid HTTP request. The app and its table of errors never see such input.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../../shared/audit/ids.ts';
import { formatError } from './error-envelope.ts';
import { CONNECTION_ERRORS } from './error-table.ts';

type Refusal = keyof typeof CONNECTION_ERRORS;

/** By the error code of Node's HTTP parser. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Time for a caller who is still sending to read the refusal: closing at once would discard it. */
const LINGER_MS = 1_000;

/** Refuses input that the parser could not read, and ends the connection. Null where nobody is there to be told, else the status. */
export function refuseUnparsed(errorCode: string | undefined, socket: Socket): number | null {
  if (!socket.writable) {
    socket.destroy();
    return null;
  }
  const { status, headers, body } = formatRefusal(REFUSALS[errorCode ?? ''] ?? 'bad_request');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return status;
}

/** Refuses a request that the parser accepts although it is not valid HTTP, and ends the connection. */
export function refuseMalformed(answer: ServerResponse): number {
  const { status, headers, body } = formatRefusal('bad_request');
  answer.writeHead(status, headers).end(body);
  return status;
}

function formatRefusal(code: Refusal) {
  const { status, message } = CONNECTION_ERRORS[code];
  const requestId = newId('request');
  const body = formatError({ code, message, request_id: requestId });
  const headers = {
    Connection: 'close',
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
  };
  return { status, headers, body };
}
