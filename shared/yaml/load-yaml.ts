// Reads YAML into plain values. Refuses all YAML whose meaning does not stand where it is read: aliases, merge keys, a
// second document, duplicate keys. Problems never quote the text.
import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import { findAlias, findSecondDocument, openYamlPlaces, placeAt, type TextPlace } from './find-place.ts';

/** The value of a YAML text, or a problem as a sentence to show, which quotes nothing of the text. */
export type LoadedYaml = { ok: true; value: unknown } | { ok: false; problem: string };

/**
 * Reads YAML 1.2 (core schema), and so JSON. Refuses a text that is not a single document, and one with duplicate keys, an
 * alias, a merge key or a lone surrogate. `subject` begins the problem, as in "The policy".
 */
export function loadYaml(text: string, subject: string): LoadedYaml {
  if (!text.isWellFormed()) {
    return refuse(`${subject} is not well-formed Unicode${named(placeAt(text, findLone(text)))}`);
  }
  try {
    const alias = findAlias(text);
    if (alias) return refuse(`${subject} uses a YAML alias${named(alias)}: write the value out`);
    const second = findSecondDocument(text);
    if (second) {
      return refuse(
        `${subject} is not a single valid YAML document${named(second)}: another one begins there`,
      );
    }
    const value: unknown = load(text, { schema: CORE_SCHEMA });
    const problem = findProblem(text, value);
    return problem === null ? { ok: true, value } : refuse(`${subject} ${problem}`);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return refuse(`${subject} is not a single valid YAML document${named(placeOf(error))}`);
  }
}

/** Every key, text and number of a loaded document, as texts to search. */
export function yamlTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(yamlTexts);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...yamlTexts(member)]);
}

function findProblem(text: string, value: unknown): string | null {
  // An escape ("\ud800") can make a lone surrogate out of well-formed text, and it has no canonical JSON.
  const lone = findPath(value, (part) => !part.isWellFormed());
  if (lone) return `is not well-formed Unicode${named(openYamlPlaces(text)(lone))}`;
  const merge = findPath(value, (part, isKey) => isKey && part === '<<');
  return merge && `uses the merge key <<${named(openYamlPlaces(text)(merge))}: write the members out`;
}

/** The path of the first key or text that is at fault; null where none is. */
function findPath(
  value: unknown,
  isFault: (part: string, isKey: boolean) => boolean,
  path: readonly PropertyKey[] = [],
): readonly PropertyKey[] | null {
  if (typeof value === 'string') return isFault(value, false) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  const isList = Array.isArray(value);
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, isList ? Number(key) : key];
    const found = !isList && isFault(key, true) ? at : findPath(member, isFault, at);
    if (found) return found;
  }
  return null;
}

/** The library's own message quotes the source around the fault. It names no place where the text has no document. */
function placeOf({ mark }: YAMLException): TextPlace {
  return mark ? { line: mark.line + 1, column: mark.column + 1 } : { line: 1, column: 1 };
}

/** The offset of the first surrogate without its other half. */
function findLone(text: string): number {
  return text.search(/\p{Surrogate}/u);
}

function named({ line, column }: TextPlace): string {
  return ` (line ${line}, column ${column})`;
}

function refuse(problem: string): LoadedYaml {
  return { ok: false, problem };
}
