import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import { findNearestName } from '../../shared/errors/nearest-name.ts';

/**
 * Reads a query string by a schema of its parameters. A parameter given twice reaches the schema as an array, which most
 * fields refuse. A name that the schema does not have is refused: a misspelt filter would widen a list. Only a loose schema
 * (`z.looseObject`) passes over such names, where another service writes the query. Broken percent-encoding is left as it
 * is, and is refused like any other bad value. Throws `validation_failed`, naming the first parameter at fault.
 */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  querystring: string,
): z.output<Schema> {
  const given = new URLSearchParams(querystring);
  const known = Object.keys(schema.shape);
  const takesAny = schema.def.catchall instanceof z.ZodUnknown;
  const unknown = takesAny ? undefined : given.keys().find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuseName(unknown, known);
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

/** The message does not repeat the name, which may be anything; `param` does where it has the form of a name. */
function refuseName(name: string, known: readonly string[]): AppError {
  const nearest = findNearestName(name, known);
  const message = nearest
    ? `The query names a parameter that this address does not take: the nearest is ${nearest.name}. It takes ${known.join(', ')}.`
    : 'The query names a parameter, and this address takes none: leave it out.';
  return new AppError('validation_failed', message, IS_NAME.test(name) ? { param: name } : {});
}

const IS_NAME = /^[A-Za-z_$.[\]]{1,30}$/;
