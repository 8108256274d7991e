// The connections of a server and the answers under way on each. A refusal on a connection waits for the answers before
// it, and a server that stops waits for all of them.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeLingering } from './lingering-close.ts';

export type Connections = Readonly<{
  /**
   * Refuses what came last on the connection, and ends it: `refuse` runs once all answers before are sent whole. The answer
   * to a request whose body broke off is not waited for, since its handler may wait for the body. Where the answer has begun,
   * it is the last, and nothing is refused. Later calls for the connection do nothing. `refuse` gets the answer to that request.
   */
  refuse(socket: Socket, refuse: Refuse): void;
  /** Whether the connection has one answer under way, which has not begun, to a request whose body is not there whole. */
  awaitsBody(socket: Socket): boolean;
  /** Whether an answer is under way on the connection. */
  isAnswering(socket: Socket): boolean;
  /** Ends every connection, each as soon as every answer under way on it is sent. */
  finishAll(): void;
}>;

type Refuse = (broken: ServerResponse | null) => void;

type Connection = {
  /** In the order of their requests, which is the order of sending. */
  answers: Set<ServerResponse>;
  /** To the request that came last, whether it is sent or not. */
  newest: ServerResponse | null;
  refuse: Refuse | null;
  isEnding: boolean;
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
    const connection: Connection = { answers: new Set(), newest: null, refuse: null, isEnding: false };
    open.set(socket, connection);
    closeLingering(socket, () => connection.newest?.req);
    socket.once('close', () => open.delete(socket));
  });

  server.on('request', ({ socket }, answer) => {
    const connection = open.get(socket);
    if (!connection) return;
    connection.answers.add(answer);
    connection.newest = answer;
    answer.setMaxListeners(ANSWER_LISTENERS);
    stopSignals.set(answer, stopping.signal);
    if (connection.isEnding) answer.setHeader('Connection', 'close');
    // Not on `finish`: much of a long answer may still be buffered in this process then.
    answer.once('close', () => {
      connection.answers.delete(answer);
      endOnceSent(socket, connection);
    });
  });

  return {
    refuse(socket, refuse) {
      const connection = open.get(socket);
      if (!connection || connection.refuse) return;
      connection.refuse = refuse;
      connection.isEnding = true;
      endOnceSent(socket, connection);
    },
    awaitsBody(socket) {
      const { answers, newest } = open.get(socket) ?? { answers: new Set(), newest: null };
      return newest !== null && answers.size === 1 && isUnanswered(newest);
    },
    isAnswering: (socket) => (open.get(socket)?.answers.size ?? 0) > 0,
    finishAll() {
      for (const [socket, connection] of open) {
        const newest = [...connection.answers].at(-1);
        if (newest && !newest.headersSent) newest.setHeader('Connection', 'close');
        connection.isEnding = true;
        endOnceSent(socket, connection);
      }
      stopping.abort();
    },
  };
}

function endOnceSent(socket: Socket, { answers, newest, refuse, isEnding }: Connection): void {
  if (!isEnding) return;
  const broken = refuse !== null && newest !== null && !newest.req.complete ? newest : null;
  for (const answer of answers) if (answer !== broken || answer.headersSent) return;
  // An answer of the app to the broken request stands: a client would take a second one for that to its next request.
  if (refuse && !broken?.headersSent) refuse(broken);
  else socket.destroySoon();
}

function isUnanswered({ headersSent, req }: ServerResponse): boolean {
  return !headersSent && !req.complete;
}
