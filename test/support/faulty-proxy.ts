// Stands between the program and a real database, and gives the replies that only a replica set gives: a primary that
// steps down, a majority that does not confirm a write, a member that is not the primary. Speaks just enough of MongoDB's
// wire protocol to read a command and to write a reply (OP_MSG, and OP_QUERY for the first handshake).
import type { Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';
import { startBetween } from './tcp-proxy.ts';

/**
 * What becomes of a command: the given reply without the server's knowledge, the server's own reply changed, or nothing
 * before something else has come about.
 */
export type Fault =
  | Readonly<{ reply: Document }>
  | Readonly<{ change(reply: Document): Document }>
  | Readonly<{ after: Promise<unknown> }>;

export type FaultyProxy = Readonly<{
  uri: string;
  /** Asked about every command, with its name and its collection; null leaves it alone. */
  setFaults(decide: (name: string, collection: unknown, command: Document) => Fault | null): void;
  close(): Promise<void>;
}>;

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
/** Where the document begins in a message: behind header, flags and section kind, or an OP_REPLY's own fields. */
const MSG_BODY = 21;
const REPLY_BODY = 36;

export async function startFaultyProxy(serverUri: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(serverUri);
  let decide: Parameters<FaultyProxy['setFaults']>[0] = () => null;

  const target = { host: hostname, port: Number(port) };
  const proxy = await startBetween(target, (inbound, outbound) => {
    const changes = new Map<number, (reply: Document) => Document>();
    onMessages(inbound, (message) => {
      const command = readCommand(message);
      const [name = ''] = Object.keys(command);
      const fault = decide(name, command[name], command);
      const id = message.readInt32LE(4);
      if (fault && 'reply' in fault) {
        inbound.write(encode(fault.reply, id, isQuery(message)));
        return;
      }
      if (fault && 'after' in fault) {
        void fault.after.then(() => outbound.write(message));
        return;
      }
      if (fault) changes.set(id, fault.change);
      outbound.write(message);
    });
    onMessages(outbound, (message) => {
      const id = message.readInt32LE(8);
      const change = changes.get(id);
      changes.delete(id);
      if (!change) return inbound.write(message);
      const isReply = message.readInt32LE(12) === OP_REPLY;
      const reply = BSON.deserialize(message.subarray(isReply ? REPLY_BODY : MSG_BODY));
      return inbound.write(encode(change(reply), id, isReply));
    });
  });
  return {
    uri: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
    setFaults(faults) {
      decide = faults;
    },
    close: proxy.close,
  };
}

/** Calls back with each whole message of a stream. */
function onMessages(socket: Socket, take: (message: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 4 && held.length >= held.readInt32LE(0)) {
      const length = held.readInt32LE(0);
      take(held.subarray(0, length));
      held = held.subarray(length);
    }
  });
}

function isQuery(message: Buffer): boolean {
  return message.readInt32LE(12) === OP_QUERY;
}

/** The command of a message; empty where it is of another form. */
function readCommand(message: Buffer): Document {
  if (message.readInt32LE(12) === OP_MSG) {
    // The documents of a large insertion stand in a section of their own behind it.
    return BSON.deserialize(message.subarray(MSG_BODY, MSG_BODY + message.readInt32LE(MSG_BODY)));
  }
  if (!isQuery(message)) return {};
  // Behind header and flags stand the collection's name, a zero, and two numbers.
  return BSON.deserialize(message.subarray(message.indexOf(0, 20) + 9));
}

function encode(reply: Document, responseTo: number, isReply: boolean): Buffer {
  const body = BSON.serialize(reply);
  const head = Buffer.alloc(isReply ? REPLY_BODY : MSG_BODY);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(isReply ? OP_REPLY : OP_MSG, 12);
  if (isReply) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}
