// Closes a connection whose answer came before its request was read whole. To close a socket with bytes that nobody read
// sends a reset, at which the caller's system drops an answer that the caller has yet to read.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How long, and how much, a caller may go on sending behind its answer. */
const LINGER_MS = 5_000;
const LINGER_BYTES = 32 * 2 ** 20;
/** The parser reads the socket by itself, so what came in is looked at this often. */
const LOOK_MS = 25;

/**
 * Makes the socket's own close, which Node calls behind the last answer, read on while the newest request is not there
 * whole: what comes is dropped until the request is whole, the caller closes, or a bound is reached.
 */
export function closeLingering(socket: Socket, newestRequest: () => IncomingMessage | undefined): void {
  const closeNow = socket.destroySoon.bind(socket);
  let isLingering = false;
  socket.destroySoon = () => {
    const request = newestRequest();
    if (isLingering) return;
    if (!request || request.complete) return closeNow();
    isLingering = true;
    linger(socket, request, closeNow);
  };
}

function linger(socket: Socket, request: IncomingMessage, closeNow: () => void): void {
  const endAt = performance.now() + LINGER_MS;
  const most = socket.bytesRead + LINGER_BYTES;
  const look = setInterval(() => {
    if (!request.complete && socket.bytesRead <= most && performance.now() < endAt) return;
    clearInterval(look);
    closeNow();
  }, LOOK_MS);
  socket.once('close', () => clearInterval(look));
  request.resume();
  socket.end();
}
