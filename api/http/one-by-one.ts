// The requests of a connection, one after the other. Node parses whatever a caller sends behind a request, and hands it over
// at once: a caller who reads no answer would have thousands of handlers run, each with an answer in memory.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Begin = (request: IncomingMessage, answer: ServerResponse) => void;

type Line = { newest: ServerResponse; waiting: number };

/** Requests of a connection that wait before no more of it is read. Those that came with the last bytes come on top. */
const WAITING_LIMIT = 16;

/** Begins each request once the answer before it on its connection is sent whole, and none behind one that broke off. */
export function oneByOne(begin: Begin): Begin {
  const lines = new WeakMap<Socket, Line>();
  return function beginInOrder(request, answer) {
    const { socket } = request;
    const line = lines.get(socket);
    const before = line?.newest;
    if (line) line.newest = answer;
    else lines.set(socket, openLine(socket, answer));
    if (!line || !before || before.closed) return begin(request, answer);
    line.waiting += 1;
    if (line.waiting === WAITING_LIMIT) socket.pause();
    // Not on `finish`: much of a long answer may still be buffered in this process then. In a turn of the event loop of its
    // own: an answer that waits for nothing would else keep all other connections waiting.
    before.once('close', () =>
      setImmediate(() => {
        line.waiting -= 1;
        if (line.waiting === WAITING_LIMIT - 1) socket.resume();
        begin(request, answer);
      }),
    );
  };
}

function openLine(socket: Socket, newest: ServerResponse): Line {
  const line: Line = { newest, waiting: 0 };
  // Node reads on by itself, as when an answer has drained.
  socket.on('resume', () => {
    if (line.waiting >= WAITING_LIMIT) socket.pause();
  });
  return line;
}
