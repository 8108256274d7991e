// The kinds of leaves in a report. The leak scan checks a typed leaf by its type and searches free text. It treats a
// value that has no schema as free text.
import { z } from 'zod';
import { findImpossiblePart } from '../audit/calendar.ts';
import { ID_PATTERNS, type IdKind } from '../audit/ids.ts';
import { parseExactTime } from '../time/parse-time.ts';

/** What is known of a free text by its field alone. */
export type FreeTextField = Readonly<{
  /** Values of our own, which the leak scan does not search. */
  ourWords: ReadonlySet<string>;
  /** Whether the operator wrote it: no caller's data, so the leak scan does not search it. */
  isOperators: boolean;
}>;

/** The schemas of free text. */
export const FREE_TEXT = z.registry<FreeTextField>();

/**
 * Quick tests of typed leaves that a report has many of. A test answers as its schema does, at a fraction of the cost.
 * A WeakMap and no registry: a registry would lend the test to a schema that was made of this one by a further check.
 */
export const TYPE_TESTS = new WeakMap<z.core.$ZodType, (value: unknown) => boolean>();

function tested<T extends z.core.$ZodType>(schema: T, fits: (value: unknown) => boolean): T {
  TYPE_TESTS.set(schema, fits);
  return schema;
}

const NO_WORDS: ReadonlySet<string> = new Set();

/** A text from the callers' side: of a log's entries or of a conversation. */
export function freeText(description: string, ourWords = NO_WORDS) {
  return z.string().describe(description).register(FREE_TEXT, { ourWords, isOperators: false });
}

/** A text that the operator wrote: a name, a policy, configuration. */
export function operatorText(description: string, ourWords = NO_WORDS) {
  return z.string().describe(description).register(FREE_TEXT, { ourWords, isOperators: true });
}

/** An id: the prefix of its kind and a ULID. */
export function id(kind: IdKind, description: string) {
  return matching(ID_PATTERNS[kind], description);
}

/** SHA-256, 64 lower-case hex digits. */
export function hash(description: string) {
  return matching(/^[0-9a-f]{64}$/, description);
}

/** ISO 8601 UTC, milliseconds only when they are not zero. The published schema leaves open days that do not exist. */
export function time(description: string) {
  const exists = (text: string) => parseExactTime(text).ok;
  const fits = (value: unknown) => typeof value === 'string' && TIME.test(value) && existsOnClocks(value);
  return tested(z.string().regex(TIME).refine(exists, 'does not exist').describe(description), fits);
}

/** Whether the day and the second of a text of this form exist. To make a `Date` of each would take four times as long. */
function existsOnClocks(text: string): boolean {
  const two = (at: number) => Number(text.slice(at, at + 2));
  const year = Number(text.slice(0, 4));
  return findImpossiblePart(year, two(5), two(8), two(11), two(14), two(17)) === null;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.(?!000)\d{3})?Z$/;

/** A value of a form of its own, such as a day. */
export function code(description: string, pattern: RegExp) {
  return matching(pattern, description);
}

function matching(pattern: RegExp, description: string) {
  const fits = (value: unknown) => typeof value === 'string' && pattern.test(value);
  return tested(z.string().regex(pattern).describe(description), fits);
}

/** A text that `isRight` reads whole. The published schema has its pattern, where it has one. */
export function typedText(description: string, isRight: (text: string) => boolean, pattern?: RegExp) {
  const fits = (value: unknown) => typeof value === 'string' && isRight(value);
  const text = pattern ? z.string().regex(pattern) : z.string();
  return tested(text.refine(isRight, 'is not of its form').describe(description), fits);
}

/** A whole number from 0 to 2^53 - 1. */
export function count(description: string) {
  const fits = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  return tested(z.int().min(0).describe(description), fits);
}

/** A sentence of our own. The published schema leaves it open, so that rewording one breaks no reader. */
export function statement(description: string, allowed: Readonly<Record<string, string>>) {
  const sentences = new Set(Object.values(allowed));
  return words(description, (text) => sentences.has(text));
}

/** Text of our own that `isOurs` recognizes. */
export function words(description: string, isOurs: (text: string) => boolean) {
  const fits = (value: unknown) => typeof value === 'string' && isOurs(value);
  return tested(z.string().refine(isOurs, 'is not in the words of the report').describe(description), fits);
}

/** Counts by a name from a log. Any name is legal, `__proto__` included. */
export function countsByName(description: string, ourWords = NO_WORDS) {
  return z.record(freeText('A name as the log has it', ourWords), count('How many')).describe(description);
}
