// Reads YAML into plain values. Refuses all YAML whose meaning does not stand where it is read: aliases, merge keys, a
// second document, duplicate keys. Problems never quote the text.
import { CORE_SCHEMA, EVENT_ID, load, parseEvents, YAMLException } from 'js-yaml';

/** The value of a YAML text, or a problem as a sentence to show, which quotes nothing of the text. */
export type LoadedYaml = { ok: true; value: unknown } | { ok: false; problem: string };

/**
 * Reads YAML 1.2 (core schema), and so JSON. Refuses a text that is not a single document, and one with duplicate keys, an
 * alias, a merge key or a lone surrogate. `subject` begins the problem, as in "The policy".
 */
export function loadYaml(text: string, subject: string): LoadedYaml {
  if (!text.isWellFormed()) return refuse(`${subject} is not well-formed Unicode`);
  try {
    if (parseEvents(text, {}).some((event) => event.type === EVENT_ID.ALIAS)) {
      return refuse(`${subject} uses a YAML alias (*name): write the value out`);
    }
    const value: unknown = load(text, { schema: CORE_SCHEMA });
    const problem = findProblem(value);
    return problem === null ? { ok: true, value } : refuse(`${subject} ${problem}`);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return refuse(`${subject} is not a single valid YAML document${place(error)}`);
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

function findProblem(value: unknown): string | null {
  // An escape ("\ud800") can make a lone surrogate out of well-formed text, and it has no canonical JSON.
  if (yamlTexts(value).some((text) => !text.isWellFormed())) return 'is not well-formed Unicode';
  return hasMergeKey(value) ? 'uses the merge key <<: write the members out' : null;
}

function hasMergeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) => key === '<<' || hasMergeKey(member));
}

// The library's own message quotes the source around the fault, so only its position is passed on.
function place(error: YAMLException): string {
  return error.mark ? ` (line ${error.mark.line + 1}, column ${error.mark.column + 1})` : '';
}

function refuse(problem: string): LoadedYaml {
  return { ok: false, problem };
}
