// The self-check before a report leaves: it holds no known and no recognizable PHI. Walks the report beside its schema,
// checks typed values by their type, and searches everything else, values without a schema included.
import { z } from 'zod';
import type { LeakShape } from './leak-shapes.ts';
import { foldLines, searchForms } from './leak-text.ts';
import { TYPE_TESTS } from './report-fields.ts';
import { type Report, reportSchema } from './report-schema.ts';
import { type SearchedText, searchText } from './searched-text.ts';
import { type Schema, visitSchema } from './visit-schema.ts';

/** A place and a shape, never the value: it may be PHI. */
export type LeakHit = Readonly<{
  /** Where, as `events_listed[3].entity_kind`; keys that a log or a policy gave are not named. */
  field: string;
  shape: LeakShape | 'original text of the session' | 'value of another type than its field has';
}>;

/** Code points: shorter originals ("Bo", "42") are in any text. */
const ORIGINAL_LENGTH_MIN = 4;

/**
 * All hits; empty for a report that may leave. `originals` are the stretches that the session's masking replaced;
 * `searched` has the results of texts that were searched before.
 */
export function scanReport(
  report: Report,
  originals: Iterable<string>,
  searched: ReadonlyMap<string, SearchedText> = new Map(),
): LeakHit[] {
  const scan = new LeakScan(originals, searched);
  scan.walk(REPORT_PLAN, report);
  return scan.hits;
}

/** Originals in the form in which texts are searched for them. Leaves out short ones, which stand in any text. */
export function searchableOriginals(originals: Iterable<string>): string[] {
  const folded = [...originals].flatMap(searchForms).map(foldLines);
  return [...new Set(folded)].filter((text) => [...text].length >= ORIGINAL_LENGTH_MIN);
}

/** The schema as the walk needs it, looked up once: a report has thousands of leaves. */
type Plan =
  | { kind: 'nullable'; inner: Plan }
  | { kind: 'object'; members: readonly Member[]; names: ReadonlySet<string> }
  | { kind: 'array'; element: Plan }
  | { kind: 'record'; key: Plan; value: Plan }
  | { kind: 'text'; ourWords: ReadonlySet<string> }
  | { kind: 'typed'; fits: (value: unknown) => boolean };

type Member = Readonly<{ name: string; plan: Plan }>;

const REPORT_PLAN = visitSchema<Plan>(reportSchema, {
  nullable: (inner) => ({ kind: 'nullable', inner }),
  array: (element) => ({ kind: 'array', element }),
  record: (key, value) => ({ kind: 'record', key, value }),
  object: (entries) => ({
    kind: 'object',
    members: entries.map(([name, plan]) => ({ name, plan })),
    names: new Set(entries.map(([name]) => name)),
  }),
  freeText: (ourWords) => ({ kind: 'text', ourWords }),
  typed: (schema) => ({ kind: 'typed', fits: TYPE_TESTS.get(schema) ?? bySchema(schema) }),
});

function bySchema(schema: Schema): (value: unknown) => boolean {
  return (value) => z.safeParse(schema, value).success;
}

class LeakScan {
  readonly hits: LeakHit[] = [];
  readonly #originals: readonly string[];
  readonly #searched: ReadonlyMap<string, SearchedText>;
  readonly #clean = new Set<string>();
  /** To the value looked at: names, and positions in arrays. */
  readonly #path: (string | number)[] = [];

  constructor(originals: Iterable<string>, searched: ReadonlyMap<string, SearchedText>) {
    this.#originals = searchableOriginals(originals);
    this.#searched = searched;
  }

  walk(plan: Plan, value: unknown): void {
    switch (plan.kind) {
      case 'nullable':
        if (value !== null) this.walk(plan.inner, value);
        return;
      case 'object':
        if (isPlainObject(value)) this.#walkObject(plan, value);
        else this.#refuse(value);
        return;
      case 'array':
        if (!Array.isArray(value)) this.#refuse(value);
        else for (let i = 0; i < value.length; i += 1) this.#walkInto(i, plan.element, value[i]);
        return;
      case 'record':
        if (value instanceof Map) this.#walkRecord(plan.key, plan.value, value);
        else this.#refuse(value);
        return;
      case 'text':
        if (typeof value !== 'string') this.#refuse(value);
        else if (!plan.ourWords.has(value)) this.#search(value);
        return;
      case 'typed':
        if (!plan.fits(value)) this.#refuse(value);
    }
  }

  #walkInto(step: string | number, plan: Plan, value: unknown): void {
    this.#path.push(step);
    this.walk(plan, value);
    this.#path.pop();
  }

  #walkObject({ members, names }: Plan & { kind: 'object' }, value: Record<string, unknown>): void {
    for (const { name, plan } of members) {
      this.#walkInto(name, plan, Object.hasOwn(value, name) ? value[name] : undefined);
    }
    for (const name of Object.keys(value)) {
      if (names.has(name)) continue;
      this.#path.push('(no field of the schema)');
      this.#searchAll([name, value[name]]);
      this.#path.pop();
    }
  }

  #walkRecord(keyPlan: Plan, valuePlan: Plan, members: ReadonlyMap<unknown, unknown>): void {
    for (const [key, member] of members) {
      this.#walkInto('(a key)', keyPlan, key);
      this.#walkInto('(a value)', valuePlan, member);
    }
  }

  /** For a value of another type than its field has: nothing is known of it, so all of it is searched. */
  #refuse(value: unknown): void {
    this.#hit('value of another type than its field has');
    this.#searchAll(value);
  }

  #hit(shape: LeakHit['shape']): void {
    this.hits.push({ field: spellPath(this.#path), shape });
  }

  // A value without a schema counts as free text, keys and numbers included.
  #searchAll(value: unknown): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#searchAll(item);
    } else if (typeof value === 'object' && value !== null) {
      const members = value instanceof Map ? [...value] : Object.entries(value);
      this.#searchAll(members.flat());
    } else {
      this.#search(String(value));
    }
  }

  #search(text: string): void {
    if (this.#clean.has(text)) return;
    const { shapes, folded } = this.#searched.get(text) ?? searchText(text);
    const found: LeakHit['shape'][] = [...shapes];
    if (this.#originals.some((original) => folded.some((form) => form.includes(original)))) {
      found.push('original text of the session');
    }
    if (found.length === 0) this.#clean.add(text);
    for (const shape of found) this.#hit(shape);
  }
}

function spellPath(path: readonly (string | number)[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
