// An example of what a schema describes: of each field the example that its schema gives, and else the simplest value.
import type { JsonSchema } from './json-schema.ts';
import { matchingText } from './matching-text.ts';

/** A schema by the name in its `$ref`. */
export type Lookup = (ref: string) => JsonSchema;

/** Undefined where no example can be made: a text whose pattern is too hard, or a schema that refers to itself. */
export function exampleOf(schema: JsonSchema, lookup: Lookup, depth = 0): unknown {
  if (depth > 20) return undefined;
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  if ('example' in schema) return schema.example;
  if (typeof schema.$ref === 'string') return exampleOf(lookup(schema.$ref), lookup, depth + 1);
  if ('const' in schema) return schema.const;
  if ('default' in schema) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choice = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (choice) return firstOf(choice, lookup, depth);
  return ofType(schema, lookup, depth);
}

function firstOf(choice: readonly JsonSchema[], lookup: Lookup, depth: number): unknown {
  return choice.map((one) => exampleOf(one, lookup, depth + 1)).find((found) => found !== undefined);
}

function ofType(schema: JsonSchema, lookup: Lookup, depth: number): unknown {
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return ofObject(schema, lookup, depth);
    case 'array':
      return ofArray(schema, lookup, depth);
    case 'integer':
    case 'number':
      return ofNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      return ofText(schema);
    default:
      return null;
  }
}

function ofObject(schema: JsonSchema, lookup: Lookup, depth: number): unknown {
  const required = (schema.required ?? []) as readonly string[];
  const made: Record<string, unknown> = {};
  for (const [name, field] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const value = exampleOf(field, lookup, depth + 1);
    if (value !== undefined) made[name] = value;
    else if (required.includes(name)) return undefined;
  }
  return made;
}

function ofArray(schema: JsonSchema, lookup: Lookup, depth: number): unknown {
  const { items, prefixItems, minItems = 0, maxItems = 1 } = schema;
  if (prefixItems) {
    const parts = (prefixItems as JsonSchema[]).map((part) => exampleOf(part, lookup, depth + 1));
    return parts.includes(undefined) ? undefined : parts;
  }
  const item = items ? exampleOf(items as JsonSchema, lookup, depth + 1) : undefined;
  if (item === undefined) return minItems === 0 ? [] : undefined;
  return Array.from({ length: Math.max(Number(minItems), Math.min(1, Number(maxItems))) }, () => item);
}

/** Such that the sums of an example agree: one of everything. */
function ofNumber({ minimum, exclusiveMinimum, maximum }: JsonSchema): number {
  const least = Math.max(Number(minimum ?? 1), Number(exclusiveMinimum ?? 0) + 1, 1);
  return Math.min(least, Number(maximum ?? least));
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-05-03T21:14:32Z',
  date: '2026-05-03',
  uri: 'https://hooks.example.com/masker',
};

/** What texts usually are, tried before one is made from the pattern. */
const USUAL = ['2026-05-03T21:14:32Z', '2026-05-03', '9f'.repeat(32), '2026-Q3'];

function ofText({ format, pattern, minLength, contentEncoding }: JsonSchema): string | undefined {
  const formatted = FORMATS[String(format)];
  if (formatted !== undefined) return formatted;
  if (contentEncoding === 'base64') return '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  if (typeof pattern === 'string') {
    const form = new RegExp(pattern, 'u');
    return USUAL.find((text) => form.test(text)) ?? matchingText(pattern) ?? undefined;
  }
  return 'text'.padEnd(Number(minLength ?? 0), '.');
}
