// The self-check before a report leaves: it holds no known and no recognizable PHI. Walks the report beside its schema,
// checks typed values by their type, passes over the operator's own texts, and searches everything else, values without
// a schema included.
import { z } from 'zod';
import type { StopCheck } from './align-work.ts';
import { type Leak, LeakFinder } from './leak-finder.ts';
import type { OriginalSearch } from './leak-originals.ts';
import { catalogueWords, OwnWords, operatorTexts, type ReportWords } from './own-words.ts';
import { TYPE_TESTS } from './report-fields.ts';
import type { AnyReport } from './report-schema.ts';
import { type Schema, visitReports } from './visit-schema.ts';

/** A place and a shape, never the value: it may be PHI. */
export type LeakHit = Readonly<{
  /** Where, as `events_listed[3].entity_kind`; keys that a log or a policy gave are not named. */
  field: string;
  shape: Leak | 'value of another type than its field has';
}>;

/** All hits; empty for a report that may leave. `finder` is `leakFinderFor` this report, or a part of it. */
export function scanReport(report: AnyReport, finder: LeakFinder): LeakHit[] {
  const scan = new LeakScan(finder);
  // A scope that is none is a value of another type than its field has, by any plan.
  scan.walk(Object.hasOwn(PLANS, report.scope) ? PLANS[report.scope] : PLANS.session, report);
  return scan.hits;
}

/**
 * Finds what must not stand in the callers' texts of a report, or beside one. `originals` are the stretches that the
 * session's masking replaced. `words` are a report, or the parts of it that hold the operator's texts.
 */
export function leakFinderFor(
  words: ReportWords,
  originals: OriginalSearch,
  isStopped?: StopCheck,
): LeakFinder {
  return new LeakFinder(originals, new OwnWords([...operatorTexts(words), ...catalogueWords()]), isStopped);
}

/** The schema as the walk needs it, looked up once: a report has thousands of leaves. */
type Plan =
  | { kind: 'nullable'; inner: Plan }
  | { kind: 'object'; members: readonly Member[]; names: ReadonlySet<string> }
  | { kind: 'array'; element: Plan }
  | { kind: 'record'; key: Plan; value: Plan }
  | { kind: 'text'; ourWords: ReadonlySet<string>; isOperators: boolean }
  | { kind: 'typed'; fits: (value: unknown) => boolean };

type Member = Readonly<{ name: string; plan: Plan }>;

const PLANS = visitReports<Plan>({
  nullable: (inner) => ({ kind: 'nullable', inner }),
  array: (element) => ({ kind: 'array', element }),
  record: (key, value) => ({ kind: 'record', key, value }),
  object: (entries) => ({
    kind: 'object',
    members: entries.map(([name, plan]) => ({ name, plan })),
    names: new Set(entries.map(([name]) => name)),
  }),
  freeText: (field) => ({ kind: 'text', ...field }),
  typed: (schema) => ({ kind: 'typed', fits: TYPE_TESTS.get(schema) ?? bySchema(schema) }),
});

function bySchema(schema: Schema): (value: unknown) => boolean {
  return (value) => z.safeParse(schema, value).success;
}

class LeakScan {
  readonly hits: LeakHit[] = [];
  readonly #finder: LeakFinder;
  /** To the value looked at: names, and positions in arrays. */
  readonly #path: (string | number)[] = [];

  constructor(finder: LeakFinder) {
    this.#finder = finder;
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
        else if (!plan.isOperators && !plan.ourWords.has(value)) this.#search(value);
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
    for (const leak of this.#finder.find(text)) this.#hit(leak);
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
