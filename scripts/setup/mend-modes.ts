// Narrows what others on this machine can read in DATA_DIR: a folder that was made by hand, unpacked from a backup or
// copied is wider than the one that the service makes.
import { chmodSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

const KEYS = ['keys.json', 'signing-key.pem'];
const FOLDERS = ['', 'mongodb', 'mongodb-java', 'redis', 'checkpoints', 'access-heads'];

const STICKY = 0o1000;
const BY_OTHERS = 0o077;

/**
 * Gives the keys mode 0600 and the folders mode 0700 where they are wider, and says so, one line each. A folder that
 * many use (a sticky one, such as /tmp) or that is another user's is named and left as it is.
 */
export function mendModes(dataDir: string, say: (line: string) => void): void {
  for (const name of FOLDERS) mend(join(dataDir, name), 0o700, say);
  for (const name of KEYS) mend(join(dataDir, name), 0o600, say);
}

function mend(path: string, mode: number, say: (line: string) => void): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & BY_OTHERS) === 0) return;
  const wide = `${path} has mode ${octal(found.mode)}: others on this machine can reach what is in it`;
  const remedy = `Set DATA_DIR to a folder of this user, or run: chmod ${octal(mode)} ${path}`;
  const isMended = isOurs(found) && narrow(path, mode);
  say(isMended ? `${wide}. Its mode is ${octal(mode)} now.` : `${wide}. ${remedy}`);
}

/** False where the file system refuses, as one that is read-only does. */
function narrow(path: string, mode: number): boolean {
  try {
    chmodSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function isOurs({ mode, uid }: Stats): boolean {
  return (mode & STICKY) === 0 && uid === process.geteuid?.();
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
