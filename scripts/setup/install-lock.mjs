// One installation at a time in a folder. The lock is a listening socket: the kernel closes it when its owner ends,
// however it ends, so the lock cannot go stale. A waiting process is connected to it and sees the connection close.
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 100;

export async function withInstallLock(root, work) {
  const address = lockAddress(root);
  let announced = false;
  for (;;) {
    const lock = await tryLock(address);
    if (lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (!announced) console.error('Another command is installing the packages: waiting for it …');
    announced = true;
    await waitForRelease(address);
  }
}

function lockAddress(root) {
  const digest = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  const name = `masker-evidence-install-${digest}`;
  // Linux has sockets with a name and no file. Elsewhere the file of a killed owner stays behind.
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), name);
}

/** Null while another process holds the lock. */
async function tryLock(address) {
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => waiting.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => {
      resolve({
        release() {
          server.close();
          for (const socket of waiting) socket.destroy();
        },
      });
    });
  });
}

async function waitForRelease(address) {
  const code = await new Promise((resolve) => {
    const socket = connect(address).resume();
    socket.on('error', (error) => resolve(error.code));
    socket.on('close', () => resolve(null));
  });
  if (code === 'ECONNREFUSED' && !address.startsWith('\0')) rmSync(address, { force: true });
  await sleep(RETRY_MS);
}
