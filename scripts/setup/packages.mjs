// Whether node_modules holds what package-lock.json names; where it does not, install.mjs brings it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunningNodeEnough, nodePackagePath } from './node.mjs';

const INSTALL = fileURLToPath(new URL('install.mjs', import.meta.url));

/** Resolves to false when they could not be installed; what to do about it has been said then. */
export async function ensurePackages(root) {
  if (findMissing(root).length === 0) return true;
  // It holds this pipe, and gives up when the pipe closes. Standard output belongs to the command that runs next.
  const child = spawn(process.execPath, [INSTALL, root], { stdio: ['pipe', 2, 2] });
  const [code] = await once(child, 'exit');
  return code === 0;
}

/** Paths of packages that are wanted but not there at their locked version. npm keeps its own list of what it installed. */
export function findMissing(root) {
  const wanted = readPackages(join(root, 'package-lock.json')) ?? {};
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json')) ?? {};
  return Object.keys(wanted).filter(
    (path) =>
      isNeeded(path, wanted[path]) &&
      (installed[path]?.version !== wanted[path].version || !existsSync(join(root, path, 'package.json'))),
  );
}

function isNeeded(path, { dev, optional, devOptional, link }) {
  if (path === '' || link) return false;
  if (path === nodePackagePath()) return !isRunningNodeEnough();
  if (optional || devOptional) return false;
  // npm leaves development packages out there.
  return !(dev && process.env.NODE_ENV === 'production');
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
