// Makes the driver fail a command whose connection closes while it is written. When a server ends a connection, the socket
// is destroyed a moment before it emits `close`. A write in that moment returns false, and the driver (mongodb 7.9.0,
// `Connection.writeCommand`) then waits for a `drain` that never comes, without a timeout: the command hangs for good.
// Where it is the monitor's, the client never finds the server again, and every later command fails.
import { createRequire } from 'node:module';
import { MongoNetworkError } from 'mongodb';

type DriverConnection = NodeJS.EventEmitter & {
  error: Error | null;
  writeCommand(...input: unknown[]): Promise<void>;
};

// The class is not exported by the package's entry.
const require = createRequire(import.meta.url);
const { Connection } = require('mongodb/lib/cmap/connection.js') as {
  Connection: { prototype: DriverConnection };
};

const { writeCommand } = Connection.prototype;
Connection.prototype.writeCommand = async function (this: DriverConnection, ...input) {
  const closed = Promise.withResolvers<never>();
  const onClose = () => closed.reject(this.error ?? new MongoNetworkError('The connection closed'));
  this.once('close', onClose);
  try {
    await Promise.race([writeCommand.apply(this, input), closed.promise]);
  } finally {
    this.off('close', onClose);
  }
};
