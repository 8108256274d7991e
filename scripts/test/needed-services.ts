// Finds the services that a test file needs, from its imports.
import { dirname, join } from 'node:path/posix';
import { readImports } from './read-imports.ts';

/** Services by the variable in which `npm test` gives their address to the tests. */
const BY_VARIABLE: Readonly<Record<string, string>> = {
  TEST_MONGODB_URI: 'MongoDB',
  TEST_REDIS_URL: 'Redis',
  TEST_CHROME_PATH: 'Chromium',
  TEST_PYTHON_PATH: 'Python',
  TEST_WITHOUT_PDF_TOOLS: 'the PDF tools',
};

/** Services by the file that starts them. */
const BY_FILE: Readonly<Record<string, string>> = {
  'scripts/setup/mongodb.ts': 'MongoDB',
  'scripts/setup/redis.ts': 'Redis',
};

/**
 * Names of services, sorted; empty for a test of code alone. `file` and the argument of `readFile` are paths from the
 * project's root, with `/`. `readFile` gives null for a missing file.
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
    // Only files in test/ use a service. Other files read the variable to provide the service.
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
