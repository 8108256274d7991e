// Which services a test file needs, worked out from what it imports.
import { dirname, join } from 'node:path/posix';
import { readImports } from './read-imports.ts';

/** By the variable through which `npm test` hands a service to the tests. */
const BY_VARIABLE: Readonly<Record<string, string>> = {
  TEST_MONGODB_URI: 'MongoDB',
  TEST_REDIS_URL: 'Redis',
  TEST_CHROME_PATH: 'Chromium',
  TEST_WITHOUT_PDF_TOOLS: 'the PDF tools',
};

/** By the file that starts one. */
const BY_FILE: Readonly<Record<string, string>> = {
  'scripts/setup/mongodb.ts': 'MongoDB',
  'scripts/setup/redis.ts': 'Redis',
};

/**
 * Names of services, sorted; none for a test of code alone. `file` and what `readFile` is asked for are paths from the
 * project's root, with `/`; `readFile` gives null for a file that is not there.
 */
export function neededServices(file: string, readFile: (file: string) => string | null): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (each: string) => {
    if (seen.has(each)) return;
    seen.add(each);
    const text = readFile(each) ?? '';
    const starts = BY_FILE[each];
    if (starts !== undefined) found.add(starts);
    // Elsewhere such a variable is read to provide the service, not to use it.
    for (const service of each.startsWith('test/') ? readVariables(text) : []) found.add(service);
    for (const { specifier, isType } of readImports(text)) {
      if (!isType && specifier.startsWith('.')) visit(join(dirname(each), specifier));
    }
  };
  visit(file);
  return [...found].sort();
}

function readVariables(text: string): string[] {
  return [...text.matchAll(/\bprocess\.env\.(TEST_\w+)/g)].flatMap(
    ([, name = '']) => BY_VARIABLE[name] ?? [],
  );
}
