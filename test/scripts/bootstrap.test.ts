import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.ts';

const BOOTSTRAP = join(import.meta.dirname, '../../scripts/bootstrap.mjs');
const RELEASE_MODULE = new URL('../../shared/process/release.ts', import.meta.url).href;

/** Runs a script, given as text, through the bootstrap. */
function runScript(t: TestContext, text: string, args: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'script.ts');
  writeFileSync(script, text);
  const child = spawn(process.execPath, [BOOTSTRAP, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = Promise.all([once(child, 'exit'), once(child.stdout, 'end')]).then(([[code, signal]]) => ({
    code,
    signal,
    output,
  }));
  const untilOutput = (part: string) =>
    eventually(`the script has written ${JSON.stringify(part)}`, () => output.includes(part));
  const scriptPid = () => Number(/ready (\d+)/.exec(output)?.[1]);
  return { child, ended, untilOutput, scriptPid };
}

/** Says its pid, and stops at the first signal, after a while in which a second one may arrive. */
const SERVER = `
  import { onShutdownSignal } from ${JSON.stringify(RELEASE_MODULE)};
  const timer = setInterval(() => {}, 1000);
  onShutdownSignal((reason: string) => {
    console.log('stopping', reason);
    clearInterval(timer);
    setTimeout(() => console.log('stopped'), 200);
  });
  console.log('ready', process.pid, '.');
`;

test('the bootstrap runs a TypeScript file with its arguments on Node 24 or newer', async (t) => {
  const { ended } = runScript(
    t,
    `console.log(Number.parseInt(process.versions.node) >= 24, process.argv.slice(2));`,
    [...['--flag', 'a b']],
  );
  assert.equal((await ended).output, "true [ '--flag', 'a b' ]\n");
});

test('the bootstrap ends with the exit code of the script', async (t) => {
  const { ended } = runScript(t, 'process.exit(2)');
  assert.equal((await ended).code, 2);
});

test('the bootstrap ends with the signal that ended the script', async (t) => {
  const { ended } = runScript(t, `process.kill(process.pid, 'SIGKILL')`);
  assert.equal((await ended).signal, 'SIGKILL');
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`the bootstrap passes ${signal} on and waits for the script to stop`, async (t) => {
    const { child, ended, untilOutput } = runScript(t, SERVER);
    await untilOutput('.\n');
    child.kill(signal);
    const { code, output } = await ended;
    assert.equal(code, 0);
    assert.ok(output.endsWith(`stopping ${signal}\nstopped\n`), output);
  });
}

test('a signal that reaches both, and arrives twice, stops the script once', async (t) => {
  const { child, ended, untilOutput, scriptPid } = runScript(t, SERVER);
  await untilOutput('.\n');
  process.kill(scriptPid(), 'SIGINT');
  child.kill('SIGINT');
  child.kill('SIGINT');
  const { code, output } = await ended;
  assert.equal(code, 0);
  assert.equal(output.split('stopping').length, 2);
});

test('the script stops when the bootstrap is killed', async (t) => {
  const { child, ended, untilOutput } = runScript(t, SERVER);
  await untilOutput('.\n');
  child.kill('SIGKILL');
  // The script holds the other end of standard output, so this waits for it too.
  const { output } = await ended;
  assert.ok(output.endsWith('stopping the parent process ended\nstopped\n'), output);
});

test('the bootstrap without a script prints its usage', async () => {
  const child = spawn(process.execPath, [BOOTSTRAP], { stdio: 'ignore' });
  assert.deepEqual(await once(child, 'exit'), [64, null]);
});
