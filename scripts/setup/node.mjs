// Which Node runs the project: the packaged one, else the one that runs this script if it is new enough.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const NODE_MAJOR = 24;

/** True when the running Node could run the project without the packaged one. */
export function isRunningNodeEnough() {
  return majorOf(process.versions.node) >= NODE_MAJOR;
}

/** The path under which the package lock lists the Node for this platform. */
export function nodePackagePath() {
  return `node_modules/node-${process.platform}-${process.arch}`;
}

/** The path of the Node to use. Throws an error with the remedy if there is none. */
export function findNode(root) {
  const packaged = join(root, 'node_modules', '.bin', 'node');
  if (runs(packaged)) return packaged;
  if (isRunningNodeEnough()) return process.execPath;
  throw new Error(
    `There is no packaged Node ${NODE_MAJOR} that runs on ${process.platform} ${process.arch}: ` +
      `install Node ${NODE_MAJOR} yourself and try again.`,
  );
}

function runs(node) {
  // It is started, since only that shows whether it was built for this machine's C library.
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status === 0 && majorOf(stdout.slice(1)) >= NODE_MAJOR;
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}
