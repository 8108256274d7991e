// The first step of every npm script: `node scripts/bootstrap.mjs [NODE OPTION…] SCRIPT [ARGUMENT…]`. It installs
// missing packages, then runs SCRIPT on the Node 24 that is one of them. It passes signals on and ends with the script,
// and the script ends when this process or npm is gone. Plain JavaScript without packages: it runs on any Node from 20
// on, and before there are packages.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = 20;
const PARENT_POLL_MS = 500;

async function main(args) {
  if (args.length === 0) {
    console.error('usage: node scripts/bootstrap.mjs [NODE OPTION…] SCRIPT [ARGUMENT…]');
    process.exit(64);
  }
  try {
    assertNodeVersion();
    if (!(await ensurePackages(ROOT))) process.exit(1);
    run(findNode(ROOT), args);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function assertNodeVersion() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return;
  throw new Error(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer.`);
}

function run(node, args) {
  // The IPC channel carries no messages. It closes when this process ends, even killed, and the script sees that.
  // Long reports by several threads take a tenth less memory so: entry-process.ts says why.
  // Node keeps there what it made of our TypeScript: processes and threads start in half the time.
  const compiled = join(ROOT, 'node_modules/.cache/compiled');
  const env = { MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: compiled, ...process.env };
  const child = spawn(node, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  const stopForwarding = forwardSignals(child);
  const stopWatching = watchParent(() => child.kill('SIGTERM'));

  child.on('error', (error) => {
    console.error(`${node} cannot be run (${error.code}): remove node_modules and try again.`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    stopWatching();
    stopForwarding();
    if (signal) process.kill(process.pid, signal);
    else process.exit(code);
  });
}

/**
 * Passes each kind of signal on once. Ctrl-C reaches the whole process group, and npm passes it on a second time;
 * `kill` reaches one process only. The script cannot tell these apart, so it stops at the first signal it gets.
 */
function forwardSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forwarded = new Set();
  const forward = (signal) => {
    if (forwarded.has(signal)) return;
    forwarded.add(signal);
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

/** A killed npm passes no signal on, but this process gets another parent then. */
function watchParent(onGone) {
  const startedByNpm = process.env.npm_lifecycle_event !== undefined;
  if (!startedByNpm) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_POLL_MS);
  return () => clearInterval(timer);
}

await main(process.argv.slice(2));
