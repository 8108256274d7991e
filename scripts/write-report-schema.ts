// `npm run schema`: writes the published JSON Schema of the report. Run it after the report's fields change.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { publishedSchema } from '../shared/reports/report-schema.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';

const USAGE = `usage: npm run schema

Writes shared/reports/report-schema.json from the fields that the program knows. Readers of a report check it against
this JSON Schema. Run the command after the fields change; a test fails while the file is out of date.

exit: 0 written, 1 an error, 64 usage`;

const ROOT = join(import.meta.dirname, '..');
export const REPORT_SCHEMA_FILE = join(ROOT, 'shared/reports/report-schema.json');

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, {}, async ({ positionals }) => {
    if (positionals.length > 0) throw new UsageError('npm run schema takes no arguments.');
    return await writeSchema();
  });
}

async function writeSchema(): Promise<ExitCode> {
  await writeFile(REPORT_SCHEMA_FILE, `${JSON.stringify(publishedSchema(), null, 2)}\n`);
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const format = [biome, 'format', '--write', REPORT_SCHEMA_FILE];
  const { failed } = await execa(process.execPath, format, { reject: false });
  if (failed) throw new Error('The schema was written, but could not be formatted: npm run check says why.');
  console.log('Wrote shared/reports/report-schema.json');
  return EXIT.done;
}
