// The self-check before a report leaves: no known and no recognizable PHI is in it. Walks the report beside its
// schema; what has a type is checked by the type, everything else is searched, and so is what has no schema.
import { z } from 'zod';
import { findShapes, type LeakShape } from './leak-shapes.ts';
import { foldLines, readings, searchForms } from './leak-text.ts';
import { FREE_TEXT } from './report-fields.ts';
import { type Report, reportSchema } from './report-schema.ts';

/** Never the value itself: it may be PHI. */
export type LeakHit = Readonly<{
  /** Where, as `events_listed[3].entity_kind`; keys that a log or a policy gave are not named. */
  field: string;
  shape: LeakShape | 'original text of the session' | 'value of another type than its field has';
}>;

/** Code points: shorter originals ("Bo", "42") are in any text. */
const ORIGINAL_LENGTH_MIN = 4;

/** All hits; empty for a report that may leave. `originals` are what the session's masking replaced. */
export function scanReport(report: Report, originals: Iterable<string>): LeakHit[] {
  const scan = new LeakScan(originals);
  scan.walk(reportSchema, report, '');
  return scan.hits;
}

type Schema = z.core.$ZodType;

/** Originals as texts are searched for them: in one form, without those too short to tell anything. */
export function searchableOriginals(originals: Iterable<string>): string[] {
  const folded = [...originals].flatMap(searchForms).map(foldLines);
  return [...new Set(folded)].filter((text) => [...text].length >= ORIGINAL_LENGTH_MIN);
}

class LeakScan {
  readonly hits: LeakHit[] = [];
  readonly #originals: readonly string[];
  readonly #clean = new Set<string>();

  constructor(originals: Iterable<string>) {
    this.#originals = searchableOriginals(originals);
  }

  walk(schema: Schema | undefined, value: unknown, field: string): void {
    if (schema instanceof z.ZodNullable) {
      if (value !== null) this.walk(schema.unwrap(), value, field);
    } else if (schema instanceof z.ZodObject && isPlainObject(value)) {
      this.#walkObject(schema, value, field);
    } else if (schema instanceof z.ZodArray && Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.walk(schema.element, item, `${field}[${index}]`);
    } else if (schema instanceof z.ZodRecord && value instanceof Map) {
      for (const [key, member] of value) {
        this.walk(schema.keyType, key, `${field}.(a key)`);
        this.walk(schema.valueType, member, `${field}.(a value)`);
      }
    } else {
      this.#checkLeaf(schema, value, field);
    }
  }

  #walkObject(schema: z.ZodObject, value: object, field: string): void {
    const at = (name: string) => (field === '' ? name : `${field}.${name}`);
    for (const name of Object.keys(schema.shape)) {
      this.walk(schema.shape[name], Object.getOwnPropertyDescriptor(value, name)?.value, at(name));
    }
    for (const [name, member] of Object.entries(value)) {
      if (!Object.hasOwn(schema.shape, name)) this.#searchAll([name, member], at('(no field of the schema)'));
    }
  }

  #checkLeaf(schema: Schema | undefined, value: unknown, field: string): void {
    if (!schema || !z.safeParse(schema, value).success) {
      this.hits.push({ field, shape: 'value of another type than its field has' });
      this.#searchAll(value, field);
      return;
    }
    const freeText = schema instanceof z.ZodString ? FREE_TEXT.get(schema) : undefined;
    if (freeText && !freeText.ourWords.has(value as string)) this.#search(value as string, field);
  }

  // Whatever has no schema counts as free text, keys and numbers included.
  #searchAll(value: unknown, field: string): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#searchAll(item, field);
    } else if (typeof value === 'object' && value !== null) {
      const members = value instanceof Map ? [...value] : Object.entries(value);
      this.#searchAll(members.flat(), field);
    } else {
      this.#search(String(value), field);
    }
  }

  #search(text: string, field: string): void {
    if (this.#clean.has(text)) return;
    const shapes = new Set<LeakHit['shape']>();
    for (const form of readings(text)) {
      for (const shape of findShapes(form)) shapes.add(shape);
      const folded = foldLines(form);
      if (this.#originals.some((original) => folded.includes(original))) {
        shapes.add('original text of the session');
      }
    }
    if (shapes.size === 0) this.#clean.add(text);
    for (const shape of shapes) this.hits.push({ field, shape });
  }
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
