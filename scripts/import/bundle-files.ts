// The files of an export bundle, each plain or gzipped. Takes no file where it would have to choose between two.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeFileFailure } from '../command/caller-file.ts';
import { terminalText } from '../command/terminal-text.ts';

/** The folder is no bundle, or cannot be read. The message names the file. */
export class BundleError extends Error {
  constructor(message: string) {
    super(terminalText(message));
    this.name = 'BundleError';
  }
}

/** The bundle is refused as a whole for what it holds. The message names the place and the remedy. */
export class RefusedBundle extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RefusedBundle';
  }
}

/** Paths of the bundle's files, gzipped where the name ends in `.gz`. */
export type BundleFiles = Readonly<{
  agents: string;
  policies: string;
  sessions: string;
  audit: string;
  /** Null where the bundle has none, as those of other exporters. */
  account: string | null;
  reports: string | null;
  accountLog: string | null;
  /** Names of other files in the folder, in ascending order: nothing of them is read. */
  others: readonly string[];
}>;

/**
 * Finds the files of a bundle. Throws a `BundleError` where one is missing, and a `RefusedBundle` where one is there
 * plain and gzipped, or under a name in other case.
 */
export async function findFiles(dir: string): Promise<BundleFiles> {
  const names = await readdir(dir).catch((error: unknown) => {
    throw new BundleError(describeFileFailure(dir, 'read', error));
  });
  const found = {
    agents: await findFile(dir, names, 'agents.ndjson'),
    policies: await findFolder(dir, names, 'policies'),
    sessions: await findFile(dir, names, 'sessions.ndjson'),
    audit: await findFile(dir, names, 'audit.ndjson'),
    account: await findOptional(dir, names, 'account.json'),
    reports: await findOptional(dir, names, 'reports.ndjson'),
    accountLog: await findOptional(dir, names, 'account-log.ndjson'),
  };
  const named = Object.values(found).filter((path) => path !== null);
  const taken = new Set([...named.map((path) => basename(path)), ...TEST_DATA]);
  return { ...found, others: withoutMacFiles(names).filter((name) => !taken.has(name)) };
}

/** The file's size on disk in bytes. */
export async function fileSize(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** Results that test data brings along for tests. An export has none. */
const TEST_DATA = ['expected.json', 'expected.json.gz'];

/** In ascending order. macOS leaves these files: `._NAME` holds what it knows of a file beside the file's bytes. */
function withoutMacFiles(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('._') && name !== '.DS_Store').sort();
}

/** How the name of a policy's file ends. */
export const POLICY_FILE = /\.ya?ml(\.gz)?$/;

/** Names of the policy files in ascending order, and of other files, which are not read. */
export async function listPolicies(folder: string): Promise<{ files: string[]; others: string[] }> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new BundleError(describeFileFailure(folder, 'read', error));
  });
  const shown = withoutMacFiles(names);
  const isPolicy = (name: string) => POLICY_FILE.test(name);
  return { files: shown.filter(isPolicy), others: shown.filter((name) => !isPolicy(name)) };
}

async function findFile(dir: string, names: readonly string[], name: string): Promise<string> {
  const wanted = [name, `${name}.gz`];
  // Compares without case: systems differ in whether AUDIT.NDJSON is the file audit.ndjson or another one.
  const found = names.filter((candidate) => wanted.includes(candidate.toLowerCase())).sort();
  const [only] = found;
  if (only === undefined) {
    throw new BundleError(`${name} (or ${name}.gz) is not in ${dir}: is this the folder of an export?`);
  }
  if (found.length > 1) {
    throw new RefusedBundle(`${found.join(' and ')} are both in ${dir}: keep the one that is the export's`);
  }
  if (!wanted.includes(only)) throw new RefusedBundle(`${only} must be named in lower case: rename it`);
  if (!(await isOf('isFile', join(dir, only)))) {
    throw new RefusedBundle(`${only} is not a file: put the export's file in its place`);
  }
  return join(dir, only);
}

/** As `findFile`; null where neither is there. */
async function findOptional(dir: string, names: readonly string[], name: string): Promise<string | null> {
  const isThere = names.some((each) => [name, `${name}.gz`].includes(each.toLowerCase()));
  return isThere ? await findFile(dir, names, name) : null;
}

async function findFolder(dir: string, names: readonly string[], name: string): Promise<string> {
  if (names.includes(name) && (await isOf('isDirectory', join(dir, name)))) return join(dir, name);
  throw new BundleError(`${name}/ is not in ${dir}: is this the folder of an export?`);
}

async function isOf(kind: 'isFile' | 'isDirectory', path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found[kind](),
    () => false,
  );
}
