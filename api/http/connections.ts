// The connections of a server and the answers under way on each. A refusal on a connection waits for the answers before
// it, and a server that stops waits for all of them.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Connections = Readonly<{
  /**
   * Runs `last` as soon as every answer under way on the connection is sent. Later calls for the connection do nothing.
   */
  finish(socket: Socket, last: () => void): void;
  /** Ends every connection, each as soon as every answer under way on it is sent. */
  finishAll(): void;
}>;

type Connection = {
  /** In the order of their requests, which is the order of sending. */
  answers: Set<ServerResponse>;
  last: (() => void) | null;
};

/** Tells each answer under way that its server stops. */
const stopSignals = new WeakMap<ServerResponse, AbortSignal>();

/** Aborts when the server begins to stop: an answer that would go on for as long as its caller listens ends then. */
export function stopSignal(answer: ServerResponse): AbortSignal {
  return stopSignals.get(answer) ?? NEVER;
}

const NEVER = new AbortController().signal;

/** Each layer of a streamed answer listens for its close, some twelve in all: above ten Node would warn of a leak. */
const ANSWER_LISTENERS = 20;

export function trackConnections(server: Server): Connections {
  const open = new Map<Socket, Connection>();
  const stopping = new AbortController();

  server.on('connection', (socket) => {
    open.set(socket, { answers: new Set(), last: null });
    socket.once('close', () => open.delete(socket));
  });

  server.on('request', ({ socket }, answer) => {
    const connection = open.get(socket);
    if (!connection) return;
    connection.answers.add(answer);
    answer.setMaxListeners(ANSWER_LISTENERS);
    stopSignals.set(answer, stopping.signal);
    if (connection.last) answer.setHeader('Connection', 'close');
    // Not on `finish`: much of a long answer may still be buffered in this process then.
    answer.once('close', () => {
      connection.answers.delete(answer);
      if (connection.answers.size === 0) connection.last?.();
    });
  });

  function finish(socket: Socket, last: () => void): void {
    const connection = open.get(socket);
    if (!connection || connection.last) return;
    connection.last = last;
    if (connection.answers.size === 0) last();
  }

  return {
    finish,
    finishAll() {
      for (const [socket, { answers }] of open) {
        const newest = [...answers].at(-1);
        if (newest && !newest.headersSent) newest.setHeader('Connection', 'close');
        finish(socket, () => socket.destroySoon());
      }
      stopping.abort();
    },
  };
}
