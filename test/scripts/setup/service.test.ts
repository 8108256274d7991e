import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startService } from '../../../scripts/setup/service.ts';
import { eventually } from '../../support/eventually.ts';

const SERVICE_MODULE = new URL('../../../scripts/setup/service.ts', import.meta.url).href;
const ON_LINUX = { skip: process.platform !== 'linux' && 'only Linux shows environments' };
const never = new AbortController().signal;

/** Says "ready", and on SIGTERM writes the file that its argument names, then ends. */
const GRACEFUL = `
  process.on('SIGTERM', () => {
    require('node:fs').writeFileSync(process.argv[1], 'closed');
    process.exit(0);
  });
  setInterval(() => {}, 1000);
  console.log('ready');
`;
const STUBBORN = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready');`;

function createSpec(t: TestContext, script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const closedFile = join(folder, 'closed');
  const spec = {
    name: 'The service',
    command: process.execPath,
    args: ['-e', script, closedFile],
    logFile: join(folder, 'service.log'),
    probe: async (log: string) => (log.includes('ready') ? true : null),
    startTimeoutMs: 20_000,
    stopTimeoutMs: 20_000,
  };
  return { spec, closedFile };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function untilEnded(pid: number): Promise<void> {
  return eventually('the service has ended', () => !isAlive(pid));
}

/** Starts the service from a process of its own, and gives that process and the service's pid. */
async function startFromChild(spec: { args: string[]; command: string; logFile: string }) {
  const { command, args, logFile } = spec;
  const script = `
    import { startService } from '${SERVICE_MODULE}';
    const spec = ${JSON.stringify({ name: 'x', command, args, logFile, startTimeoutMs: 20_000, stopTimeoutMs: 20_000 })};
    const probe = async (log) => (log.includes('ready') ? true : null);
    const { pid } = await startService({ ...spec, probe }, new AbortController().signal);
    console.log(pid);
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  return { parent, pid: Number(line) };
}

test('a stop ends the service gracefully', async (t) => {
  const { spec, closedFile } = createSpec(t, GRACEFUL);
  const service = await startService(spec, never);
  assert.ok(isAlive(service.pid));
  await service.stop();
  assert.equal(readFileSync(closedFile, 'utf8'), 'closed');
  assert.ok(!isAlive(service.pid));
});

test('a service and its keeper get none of our settings', ON_LINUX, async (t) => {
  const { spec } = createSpec(t, GRACEFUL);
  const before = process.env;
  t.after(() => {
    process.env = before;
  });
  process.env = {
    ...before,
    AUDIT_KEYS: 'k1:00',
    CURSOR_KEY: '00',
    MONGODB_URI: 'mongodb://u:p@h',
    OTHER: '',
  };
  const service = await startService(spec, never);
  t.after(() => service.stop());
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  const keeperPid = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  for (const pid of [service.pid, keeperPid]) {
    const given = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    const names = given.map((line) => line.slice(0, line.indexOf('=')));
    assert.ok(names.includes('PATH'));
    assert.deepEqual(
      names.filter((name) => /^(AUDIT_KEYS|CURSOR_KEY|MONGODB_URI|OTHER)$/.test(name)),
      [],
    );
  }
});

test('a service that ignores its stop is killed at the deadline', async (t) => {
  const { spec } = createSpec(t, STUBBORN);
  const service = await startService({ ...spec, stopTimeoutMs: 50 }, never);
  await service.stop();
  assert.ok(!isAlive(service.pid));
});

test('a service ends gracefully when its parent is killed', async (t) => {
  const { spec, closedFile } = createSpec(t, GRACEFUL);
  const { parent, pid } = await startFromChild(spec);
  parent.kill('SIGKILL');
  await untilEnded(pid);
  assert.equal(readFileSync(closedFile, 'utf8'), 'closed');
});

test('a signal to the group of its parent does not reach the service', async (t) => {
  const { spec } = createSpec(t, GRACEFUL);
  const service = await startService(spec, never);
  t.after(() => service.stop());
  const groupOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
  assert.notEqual(groupOf(service.pid), groupOf(process.pid));
});

test('a service that ends by itself reports how', async (t) => {
  const { spec } = createSpec(t, GRACEFUL);
  const service = await startService(spec, never);
  process.kill(service.pid, 'SIGKILL');
  assert.equal(await service.exited, 'The service ended (exit code 137)');
});

test('a service that ends before it answers fails with the end of its log', async (t) => {
  const { spec } = createSpec(t, `console.error('no room on the disk'); process.exit(3)`);
  await assert.rejects(startService(spec, never), /The service ended \(exit code 3\).*no room on the disk/s);
});

test('a service that does not answer in time is stopped', async (t) => {
  const { spec, closedFile } = createSpec(t, GRACEFUL);
  // Time passes only once the service could hear of its stop.
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const probe = async (log: string) => {
    if (log.includes('ready')) t.mock.timers.tick(1_500);
    return null;
  };
  await assert.rejects(
    startService({ ...spec, probe, startTimeoutMs: 1_500 }, never),
    /did not answer in 1.5 s/,
  );
  assert.ok(existsSync(closedFile));
});

test('a command that is not there is named in the error', async (t) => {
  const { spec } = createSpec(t, GRACEFUL);
  await assert.rejects(startService({ ...spec, command: '/absent/redis-server' }, never), {
    message: 'The service could not be started: /absent/redis-server cannot be run (ENOENT)',
  });
});

test('an abort stops a service that is starting', async (t) => {
  const { spec, closedFile } = createSpec(t, GRACEFUL);
  const stopping = new AbortController();
  const probe = async (log: string) => {
    if (log.includes('ready')) stopping.abort(new Error('stopped'));
    return null;
  };
  await assert.rejects(startService({ ...spec, probe }, stopping.signal), { message: 'stopped' });
  assert.ok(existsSync(closedFile));
});
