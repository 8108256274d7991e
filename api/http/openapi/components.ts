// Gives a name to each schema that stands in the document twice, and refers to it by that name.
import { type JsonSchema, mapInside } from './json-schema.ts';
import { singular } from './names.ts';

const PREFIX = '#/components/schemas/';

/** Schemas by name, as the document has them under `components`. */
export type Schemas = Readonly<Record<string, JsonSchema>>;

/** The schema that a `$ref` names. */
export function findSchema(schemas: Schemas, ref: string): JsonSchema {
  return schemas[ref.slice(PREFIX.length)] ?? {};
}

export type Collected = Readonly<{
  /** Takes a schema in, and gives back what to write in its place once all are known. */
  add(schema: JsonSchema, name?: string): () => JsonSchema;
  /** The named ones. To be called after all were added. */
  finish(): Schemas;
}>;

/**
 * Only objects with fields get a name: that of their `.meta({ id })`, else the name of the first field that holds them.
 * Two that differ in nothing but their description are one.
 */
export function collectSchemas(): Collected {
  const seen = new Map<string, Seen>();
  const schemas: Record<string, JsonSchema> = {};

  function share(node: JsonSchema): JsonSchema {
    const found = isNameable(node) ? seen.get(keyOf(node)) : undefined;
    if (!found?.isShared) return shareInside(node);
    if (found.name === null) {
      found.name = freeName(found.wanted, schemas);
      // Taken before the inside is made, whose parts take names too.
      schemas[found.name] = {};
      schemas[found.name] = shareInside(found.node);
    }
    const ref = { $ref: `${PREFIX}${found.name}` };
    return node.description === found.node.description ? ref : { ...ref, description: node.description };
  }

  function shareInside(node: JsonSchema): JsonSchema {
    const { [NAME]: _, ...made } = mapInside(node, share);
    return made;
  }

  return {
    add(schema, name = 'Schema') {
      const plain = inlineDefinitions(schema);
      count(plain, name, seen);
      return () => share(plain);
    },
    finish: () => Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

type Seen = { isShared: boolean; readonly node: JsonSchema; readonly wanted: string; name: string | null };

/** The inside of a schema that was seen before is not counted again: it is there once. */
function count(node: JsonSchema, name: string, seen: Map<string, Seen>): void {
  if (isNameable(node)) {
    const key = keyOf(node);
    const before = seen.get(key);
    if (before) {
      before.isShared = true;
      return;
    }
    seen.set(key, { isShared: NAME in node, node, wanted: String(node[NAME] ?? name), name: null });
  }
  const inside = node.items ? singular(name) : name;
  mapInside(node, (part, field) => {
    count(part, field === null ? inside : toName(field), seen);
    return part;
  });
}

function isNameable({ properties }: JsonSchema): boolean {
  return typeof properties === 'object' && properties !== null && Object.keys(properties).length > 1;
}

function keyOf({ description: _, ...node }: JsonSchema): string {
  return JSON.stringify(node);
}

/** Marks a schema that has a name of its own. It is taken off before the schema is written. */
const NAME = 'x-name';

/** zod puts schemas with an id under `$defs`. */
function inlineDefinitions({ $defs, ...schema }: JsonSchema): JsonSchema {
  const definitions = ($defs ?? {}) as Record<string, JsonSchema>;
  return inline(schema, []);

  function inline(node: JsonSchema, above: readonly string[]): JsonSchema {
    const name = /^#\/\$defs\/(.+)$/.exec(String(node.$ref))?.[1];
    if (name === undefined) return mapInside(node, (part) => inline(part, above));
    const { $ref, ...beside } = node;
    // One that holds itself says nothing more of its inside.
    if (above.includes(name)) return beside;
    return { ...inline(definitions[name] ?? {}, [...above, name]), ...beside, [NAME]: name };
  }
}

/** `redactions_by_kind` is `RedactionsByKind`. */
export function toName(field: string): string {
  return field.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase());
}

function freeName(wanted: string, taken: Schemas): string {
  let name = wanted;
  for (let n = 2; name in taken; n += 1) name = `${wanted}${n}`;
  return name;
}
