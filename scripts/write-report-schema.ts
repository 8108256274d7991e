// Writes the published JSON Schema of the report after its fields were changed. Format it afterwards.
import { writeFile } from 'node:fs/promises';
import { publishedSchema } from '../shared/reports/report-schema.ts';

export const REPORT_SCHEMA_FILE = new URL('../shared/reports/report-schema.json', import.meta.url);

if (import.meta.main) {
  await writeFile(REPORT_SCHEMA_FILE, `${JSON.stringify(publishedSchema(), null, 2)}\n`);
  console.log('Wrote shared/reports/report-schema.json');
}
