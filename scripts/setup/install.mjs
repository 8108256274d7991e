// `node install.mjs ROOT`: runs `npm ci`, one at a time in a folder. This is a process of its own so that it holds the
// lock until npm has ended, even if its parent is killed: its standard input closes then, and it stops npm.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { withInstallLock } from './install-lock.mjs';
import { findMissing } from './packages.mjs';

const KILL_AFTER_MS = 1_000;

async function main(root) {
  process.stdin.on('close', giveUp).resume();
  try {
    await withInstallLock(root, () => install(root));
    process.exit(0);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function giveUp() {
  process.exit(1);
}

async function install(root) {
  // Another command may have installed the packages while this one waited.
  if (findMissing(root).length === 0) return;
  await runNpm(root);
  const [missing] = findMissing(root);
  if (missing === undefined) return;
  throw new Error(
    `npm ci ran, but ${missing} is still missing: see whether npm's configuration leaves packages out (omit).`,
  );
}

async function runNpm(root) {
  console.error('Installing packages (npm ci) …');
  const [command, ...args] = npmCommand();
  const npm = spawn(command, [...args, 'ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  let stopped = false;
  const stop = () => {
    stopped = true;
    npm.kill('SIGTERM');
    // The next command sees a half done installation and does it again.
    setTimeout(() => npm.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  process.stdin.off('close', giveUp).on('close', stop);

  const [code, signal] = await once(npm, 'exit').catch(() => {
    throw new Error('npm was not found: install npm, which comes with Node, and try again.');
  });
  if (stopped) giveUp();
  if (code === 0) return;
  throw new Error(
    `npm ci failed (${signal ?? `exit code ${code}`}): mend what it says above, or the network, and try again.`,
  );
}

/** The npm that runs this script, on its own Node: the Node in node_modules is about to be replaced. */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  if (npm === undefined || basename(npm) !== 'npm-cli.js') return ['npm'];
  return [node !== undefined && existsSync(node) ? node : process.execPath, npm];
}

await main(process.argv[2]);
