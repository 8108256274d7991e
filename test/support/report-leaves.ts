// Walks a report as it is in memory, every place that a value or a key of a Map stands at, and its schema.
import { z } from 'zod';

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
export function* leafSchemas(schema: z.core.$ZodType): Generator<z.core.$ZodType> {
  if (schema instanceof z.ZodNullable) yield* leafSchemas(schema.unwrap());
  else if (schema instanceof z.ZodArray) yield* leafSchemas(schema.element);
  else if (schema instanceof z.ZodObject)
    for (const member of Object.values(schema.shape)) yield* leafSchemas(member);
  else if (schema instanceof z.ZodRecord)
    yield* [schema.keyType, schema.valueType].flatMap((part) => [...leafSchemas(part)]);
  else yield schema;
}
