import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { pemOf } from '../../support/signers.ts';

const KEY = 'ab'.repeat(32);

test('a server has its signing keys, and its threads and processes inherit none', async () => {
  const module = new URL('../../../shared/process/server-process.ts', import.meta.url).href;
  const script = `
    import { execFileSync } from 'node:child_process';
    import { Worker } from 'node:worker_threads';
    import { runServerProcess } from '${module}';
    const show = 'Object.keys(process.env).filter((name) => /SIGNING/.test(name))';
    await runServerProcess({
      name: 'The server',
      usage: '',
      env: process.env,
      stopTimeoutMs: () => 0,
      async start({ signing }) {
        const code = 'import { parentPort } from "node:worker_threads"; parentPort.postMessage(' + show + ')';
        const inThread = await new Promise((tell) => new Worker(code, { eval: true }).once('message', tell));
        const inProcess = execFileSync(process.execPath, ['-p', show + '.length'], { encoding: 'utf8' });
        console.log(JSON.stringify({ inThread, inProcess, keys: [signing.privateKeyPem, signing.previousPem] }));
        return {};
      },
    });
    process.exit();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      AUDIT_KEYS: `k1:${KEY}`,
      CURSOR_KEY: KEY,
      SIGNING_KEY: pemOf(1),
      PREVIOUS_SIGNING_KEY: pemOf(2),
      LOG_ORIGIN: 'evidence.example.org',
      LOG_LEVEL: 'silent',
    },
  });
  assert.deepEqual(JSON.parse(stdout), {
    inThread: [],
    inProcess: '0\n',
    keys: [pemOf(1), pemOf(2)],
  });
});
