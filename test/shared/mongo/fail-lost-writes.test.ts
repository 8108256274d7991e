import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { MongoNetworkError } from 'mongodb';
import '../../../shared/mongo/connection.ts';

type DriverConnection = {
  closed: boolean;
  command(ns: object, command: object): Promise<unknown>;
};
const require = createRequire(import.meta.url);
const { Connection } = require('mongodb/lib/cmap/connection.js') as {
  Connection: new (socket: Socket, options: object) => DriverConnection;
};
const { ns } = require('mongodb/lib/utils.js') as { ns(name: string): object };

test('a command fails on a socket that is destroyed and has not closed yet', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const connection = new Connection(socket, { hostAddress: { toString: () => 'server' }, generation: 0 });
  socket.destroy();
  assert.equal(connection.closed, false);
  await assert.rejects(connection.command(ns('admin.$cmd'), { ping: 1 }), MongoNetworkError);
  assert.equal(connection.closed, true);
});
