// Settings that are secrets, each of which may be read from the file that `NAME_FILE` names.
import { readFileSync } from 'node:fs';

const SECRETS = [
  ...['AUDIT_KEYS', 'CURSOR_KEY', 'MONGODB_URI', 'OIDC_CLIENT_SECRET', 'PREVIOUS_SIGNING_KEY', 'REDIS_URL'],
  ...['RETIRED_KEYS', 'SIGNING_KEY'],
];

/** Sets each secret whose file is named. Adds a sentence to `problems` for a file that gives none, and for both. */
export function readSecretFiles(given: Record<string, string>, problems: string[]): void {
  for (const name of SECRETS) readSecretFile(name, given, problems);
}

function readSecretFile(name: string, given: Record<string, string>, problems: string[]): void {
  const fileVariable = `${name}_FILE`;
  const file = given[fileVariable];
  if (file === undefined) return;
  if (given[name] !== undefined) {
    problems.push(`${name} and ${fileVariable} are both set: keep one`);
    return;
  }
  try {
    given[name] = readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(`${fileVariable} names a file that cannot be read${explain(error)}`);
    return;
  }
  if (given[name] === '') problems.push(`${fileVariable} names an empty file`);
}

/** The path stays unsaid: whoever mistook the variable for the secret would find it in a log. */
function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return ': nothing is there (ENOENT)';
  if (code === 'EACCES') return ': make it readable for the user that runs this (EACCES)';
  return code === undefined ? '' : ` (${code})`;
}
