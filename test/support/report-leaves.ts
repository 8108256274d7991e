// Walks a report as it is in memory, every place that a value or a key of a Map stands at, and its schema.
import { z } from 'zod';
import { FREE_TEXT } from '../../shared/reports/report-fields.ts';

export type Step = string | number | Readonly<{ key: string }>;

/** The places of all leaves and of all Map keys (`{ key }` as the last step, whose value is the key itself). */
export function* leavesOf(value: unknown, path: readonly Step[] = []): Generator<readonly Step[]> {
  if (value instanceof Map) {
    for (const [key, member] of value) {
      yield [...path, { key }];
      yield* leavesOf(member, [...path, key]);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      yield* leavesOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
    }
  } else {
    yield path;
  }
}

/** A copy with another value (or, where the last step is a key, another key) at one place. */
export function planted<T>(value: T, path: readonly Step[], plant: unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return plant as T;
  if (typeof step === 'object') {
    const entries = [...(value as Map<string, unknown>)];
    return new Map(entries.map(([key, member]) => [key === step.key ? plant : key, member])) as T;
  }
  if (value instanceof Map) return new Map(value).set(step, planted(value.get(step), rest, plant)) as T;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  copy[step] = planted(copy[step], rest, plant);
  return copy as T;
}

/** The schemas of all leaves, those of a record's keys and values among them. */
export function* leafSchemas(schema: Schema): Generator<Schema> {
  const within = schemasWithin(schema);
  if (within.length === 0) yield schema;
  for (const [, inner] of within) yield* leafSchemas(inner);
}

/** The paths of all free text, as `events_listed.[].kind`; the keys of a record are `{key}`, its values `{value}`. */
export function* freeTextPaths(schema: Schema, path: readonly string[] = []): Generator<string> {
  if (schema instanceof z.ZodString && FREE_TEXT.has(schema)) yield path.join('.');
  for (const [step, inner] of schemasWithin(schema)) yield* freeTextPaths(inner, [...path, ...step]);
}

/**
 * A copy of a value of the schema with other free text, the keys of Maps among it, as `textAt` gives it for each path.
 * Walks by itself, without the program's own visitor.
 */
export function withFreeText(
  schema: Schema,
  value: unknown,
  textAt: (path: string) => string,
  path: readonly string[] = [],
): unknown {
  if (value === null) return null;
  if (schema instanceof z.ZodString) return FREE_TEXT.has(schema) ? textAt(path.join('.')) : value;
  const within = schemasWithin(schema).map(
    ([step, inner]) =>
      (member: unknown) =>
        withFreeText(inner, member, textAt, [...path, ...step]),
  );
  const [first, second] = within;
  if (schema instanceof z.ZodNullable) return first!(value);
  if (schema instanceof z.ZodArray) return (value as unknown[]).map((item) => first!(item));
  if (schema instanceof z.ZodRecord)
    return new Map(
      [...(value as Map<string, unknown>)].map(([key, member]) => [first!(key), second!(member)]),
    );
  if (!(schema instanceof z.ZodObject)) return value;
  const names = Object.keys(schema.shape);
  const members = value as Record<string, unknown>;
  return Object.fromEntries(names.map((name, index) => [name, within[index]!(members[name])]));
}

type Schema = z.core.$ZodType;

function schemasWithin(schema: Schema): (readonly [step: readonly string[], inner: Schema])[] {
  if (schema instanceof z.ZodNullable) return [[[], schema.unwrap()]];
  if (schema instanceof z.ZodArray) return [[['[]'], schema.element]];
  if (schema instanceof z.ZodObject)
    return Object.entries<Schema>(schema.shape).map(([name, member]) => [[name], member]);
  if (!(schema instanceof z.ZodRecord)) return [];
  return [
    [['{key}'], schema.keyType],
    [['{value}'], schema.valueType],
  ];
}
