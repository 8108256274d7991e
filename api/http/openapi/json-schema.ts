// A zod schema as the JSON Schema (2020-12) that the document has.
import { z } from 'zod';

export type JsonSchema = { [key: string]: unknown };

/**
 * `input` is what a caller sends, `output` what is answered. A schema that zod cannot represent, such as `z.custom`, is
 * what its `.meta({…})` says. An answer may have fields that this version does not know, so that fields can be added;
 * a body may not.
 */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // Parts that stand in a schema twice are told apart by their content later, across all routes.
    reused: 'inline',
  });
  return mapSchema(made as JsonSchema, (node) => tidy(node, io));
}

/** Leaves out what repeats something, or what only zod says. */
function tidy({ ...node }: JsonSchema, io: 'input' | 'output'): JsonSchema {
  if (io === 'output' && node.additionalProperties === false) delete node.additionalProperties;
  // The format says it in one word. zod's pattern has 300 characters.
  if (node.format === 'date-time') delete node.pattern;
  // The text of a number, as a query has it.
  if (node.type === 'integer') {
    delete node.pattern;
    if (typeof node.default === 'string') node.default = Number(node.default);
    // zod's limits of its own.
    if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
    if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  }
  // No format of JSON Schema: `contentEncoding` says it.
  if (node.format === 'base64') delete node.format;
  if (node.propertyNames && isPlainText(node.propertyNames)) delete node.propertyNames;
  if (node.format === 'binary') return { ...omit(node, ['format', 'contentEncoding', 'type']), ...BYTES };
  return node;
}

/** OpenAPI 3.1 tells bytes by the media type alone; `contentMediaType` says that they are no text. */
const BYTES = { type: 'string', contentMediaType: 'application/octet-stream' };

function isPlainText(schema: unknown): boolean {
  return JSON.stringify(schema) === '{"type":"string"}';
}

function omit(node: JsonSchema, names: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(node).filter(([name]) => !names.includes(name)));
}

/** Names whose value is a schema, a list of schemas, or schemas by name. */
const ONE = ['items', 'additionalProperties', 'propertyNames', 'not', 'contains', 'if', 'then', 'else'];
const MANY = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const NAMED = ['properties', 'patternProperties', '$defs'];

/** A copy in which each schema is changed, the inner ones first. */
export function mapSchema(node: JsonSchema, change: (node: JsonSchema) => JsonSchema): JsonSchema {
  return change(mapInside(node, (part) => mapSchema(part, change)));
}

/** A copy in which each schema right inside is changed. `name` is that of the field which it describes, else null. */
export function mapInside(
  node: JsonSchema,
  change: (part: JsonSchema, name: string | null) => JsonSchema,
): JsonSchema {
  const inner = (value: unknown, name: string | null) => (isSchema(value) ? change(value, name) : value);
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (ONE.includes(key)) return [key, inner(value, null)];
      if (MANY.includes(key) && Array.isArray(value)) return [key, value.map((part) => inner(part, null))];
      if (!NAMED.includes(key) || !isSchema(value)) return [key, value];
      return [
        key,
        Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inner(part, name)])),
      ];
    }),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
