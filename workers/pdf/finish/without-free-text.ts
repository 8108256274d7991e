import { z } from 'zod';
import { FREE_TEXT } from '../../../shared/reports/report-fields.ts';
import { type Report, reportSchema } from '../../../shared/reports/report-schema.ts';

/** The report with all free text empty and no counts by name: typed values and words of our own alone. */
export function withoutFreeText(report: Report): Report {
  return strip(reportSchema, report) as Report;
}

function strip(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === null) return null;
  if (schema instanceof z.ZodNullable) return strip(schema.unwrap(), value);
  if (schema instanceof z.ZodRecord) return new Map();
  if (schema instanceof z.ZodArray) return (value as unknown[]).map((item) => strip(schema.element, item));
  if (schema instanceof z.ZodObject) {
    const members = value as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(schema.shape).map(([name, member]) => [name, strip(member, members[name])]),
    );
  }
  return schema instanceof z.ZodString && FREE_TEXT.has(schema) ? '' : value;
}
