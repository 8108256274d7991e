// Checks that node_modules holds the packages that package-lock.json names, and has install.mjs install them if not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnv } from './child-env.mjs';
import { isRunningNodeEnough, nodePackagePath } from './node.mjs';

const INSTALL = fileURLToPath(new URL('install.mjs', import.meta.url));

/** Resolves to false when the packages could not be installed; the reason and the remedy were printed. */
export async function ensurePackages(root) {
  if (findMissing(root).length === 0) return true;
  // The pipe tells it when this process ends. Standard output belongs to the command that runs next.
  const child = spawn(process.execPath, [INSTALL, root], {
    env: toolEnv(process.env),
    stdio: ['pipe', 2, 2],
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}

/** Paths of the packages that are missing or not at their locked version, as npm's own list of installed ones says. */
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
  // In production npm leaves development packages out.
  return !(dev && process.env.NODE_ENV === 'production');
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
