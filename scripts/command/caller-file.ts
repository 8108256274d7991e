// Files and folders that the caller of a command names.
import { resolve } from 'node:path';
import { terminalText } from './terminal-text.ts';

/** The absolute path. npm runs scripts in the project's folder: a relative path starts where the caller typed it. */
export function callerPath(path: string): string {
  return resolve(process.env.INIT_CWD || '.', path);
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is there: check the path, which starts in the folder of the command where it is relative',
  EACCES: 'this user may not: change its owner or mode, or run the command as another user',
  EPERM: 'this user may not: change its owner or mode, or run the command as another user',
  EISDIR: 'it is a folder: name a file',
  ENOTDIR: 'it, or what stands before it, is a file: name a folder',
  EROFS: 'its disk is read-only: choose another place',
  ENOSPC: 'its disk is full: make room, or choose another place',
};

/** A sentence with the path, the system's code and a remedy, safe for a terminal. `verb` is `read`, `written` or `used`. */
export function describeFileFailure(path: string, verb: string, error: unknown): string {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES[code];
  return `${terminalText(path)} cannot be ${verb} (${code})${remedy === undefined ? '' : `: ${remedy}`}`;
}

/** As `describeFileFailure`, for an error of the file system that names its path; null for any other. */
export function describeAsFileFailure(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return null;
  const { code, path } = error as NodeJS.ErrnoException;
  const isKnown = code !== undefined && Object.hasOwn(REMEDIES, code) && typeof path === 'string';
  return isKnown ? describeFileFailure(path, 'used', error) : null;
}
