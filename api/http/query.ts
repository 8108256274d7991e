import type { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';

/**
 * Reads a query string by a schema of its parameters. A parameter given twice reaches the schema as an array, which no
 * field accepts. A name that the schema does not have is ignored. Broken percent-encoding is left as it is, and is
 * refused like any other bad value. Throws `validation_failed`, naming the first parameter at fault.
 */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  querystring: string,
): z.output<Schema> {
  const given = new URLSearchParams(querystring);
  const raw: Record<string, string | string[] | undefined> = {};
  for (const name of Object.keys(schema.shape)) {
    const values = given.getAll(name);
    if (values.length > 0) raw[name] = values.length === 1 ? values[0] : values;
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new AppError('validation_failed', issue.message, { param: String(issue.path[0]) });
}
