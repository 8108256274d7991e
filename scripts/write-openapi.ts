// `npm run openapi`: writes what is made from the specs of the routes and from the table of errors.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { currentDocument, ERRORS_MARKDOWN, REASONS_MARKDOWN } from '../api/openapi.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';

const USAGE = `usage: npm run openapi

Writes api/openapi.json, the OpenAPI document of the API, from the specs of its routes, and the tables of errors in
README.md from api/http/error-table.ts. Run it after a route, a schema or an error changes; a test fails while one of the
two files is out of date.

exit: 0 written, 1 an error, 64 usage`;

const ROOT = join(import.meta.dirname, '..');
export const OPENAPI_FILE = join(ROOT, 'api/openapi.json');
export const README_FILE = join(ROOT, 'README.md');

/** By the name in their marks. */
const TABLES = { errors: ERRORS_MARKDOWN, reasons: REASONS_MARKDOWN } as const;

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, {}, async ({ positionals }) => {
    if (positionals.length > 0) throw new UsageError('npm run openapi takes no arguments.');
    return await writeAll();
  });
}

async function writeAll(): Promise<ExitCode> {
  await writeFile(OPENAPI_FILE, `${JSON.stringify(currentDocument(), null, 2)}\n`);
  await writeFile(README_FILE, withTables(await readFile(README_FILE, 'utf8')));
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const { failed } = await execa(process.execPath, [biome, 'format', '--write', OPENAPI_FILE], {
    reject: false,
  });
  if (failed)
    throw new Error('The document was written, but could not be formatted: npm run check says why.');
  console.log('Wrote api/openapi.json and the tables of errors in README.md');
  return EXIT.done;
}

/** README with today's tables between the marks. Throws where a mark is missing. */
export function withTables(readme: string): string {
  return Object.entries(TABLES).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name}: written by npm run openapi -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from)
      throw new Error(`README.md lacks the lines "${begin}" and "${end}": put them back.`);
    return `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`;
  }, readme);
}
