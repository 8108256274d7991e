import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { assertAlone } from '../../../scripts/setup/instance.ts';
import { updateServices } from '../../../shared/process/services.ts';

const signal = new AbortController().signal;

function createDataDir(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function listen(t: TestContext): Promise<number> {
  const server = createServer((_, response) => response.end());
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a free port and an unused data folder are accepted', async (t) => {
  await assertAlone({ dataDir: createDataDir(t), host: '127.0.0.1', port: 0 }, () => {}, signal);
});

test('a port that is taken is refused, with the remedy', async (t) => {
  const port = await listen(t);
  const place = { dataDir: createDataDir(t), host: '127.0.0.1', port };
  await assert.rejects(
    assertAlone(place, () => {}, signal),
    {
      message: `Port ${port} of 127.0.0.1 is taken by another program: stop it, or choose another with PORT.`,
    },
  );
});

test('an address that this machine does not have is refused by the name of its variable', async (t) => {
  const place = { dataDir: createDataDir(t), host: '192.0.2.1', port: 0 };
  await assert.rejects(
    assertAlone(place, () => {}, signal),
    /set HOST to an address of this machine/,
  );
});

test('an instance that serves the same data is named', async (t) => {
  const dataDir = createDataDir(t);
  const url = `http://127.0.0.1:${await listen(t)}`;
  updateServices(dataDir, { api: { url, pid: process.pid } });
  await assert.rejects(
    assertAlone({ dataDir, host: '127.0.0.1', port: 0 }, () => {}, signal),
    new RegExp(`It already runs for the data in .*, at ${url} \\(process ${process.pid}\\)`),
  );
});

test('start waits for a process of an earlier run that is still stopping', async (t) => {
  const dataDir = createDataDir(t);
  const stopping = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const uri = 'mongodb://127.0.0.1:1';
  updateServices(dataDir, { mongodb: { uri, pid: stopping.pid ?? 0, kind: 'mongod' } });
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    stopping.kill('SIGKILL');
  };
  await assertAlone({ dataDir, host: '127.0.0.1', port: 0 }, say, signal);
  assert.deepEqual(lines, [`Waiting for processes of an earlier run to end (${stopping.pid}) …`]);
});
