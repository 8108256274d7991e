import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import { describeUnknown } from './unknown-names.ts';

/**
 * Reads a query string by a schema of its parameters. A parameter given twice reaches the schema as an array, which most
 * fields refuse. A name that the schema does not have is refused: a misspelt filter would widen a list. Only a loose schema
 * (`z.looseObject`) passes over such names, where another service writes the query. Broken percent-encoding is left as it
 * is, and is refused like any other bad value. Throws `validation_failed`, naming the first known parameter at fault.
 */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  querystring: string,
): z.output<Schema> {
  const given = new URLSearchParams(querystring);
  const known = Object.keys(schema.shape);
  const takesAny = schema.def.catchall instanceof z.ZodUnknown;
  const unknown = takesAny ? [] : [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) throw refuseNames(unknown, known);
  const raw: Record<string, string | string[] | undefined> = {};
  for (const name of known) {
    const values = given.getAll(name);
    if (values.length > 0) raw[name] = values.length === 1 ? values[0] : values;
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new AppError('validation_failed', issue.message, { param: String(issue.path[0]) });
}

/** The parameters that are not empty. */
export function withoutEmpty(querystring: string): string {
  const filled = [...new URLSearchParams(querystring)].filter(([, value]) => value !== '');
  return new URLSearchParams(filled).toString();
}

/** No unknown name is repeated: `param` is the known one that was misspelt. */
function refuseNames(unknown: readonly string[], known: readonly string[]): AppError {
  const { text, meant } = describeUnknown(unknown, known, 'parameter');
  return new AppError('validation_failed', `The query has ${text}.`, meant === null ? {} : { param: meant });
}
