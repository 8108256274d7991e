import { z } from 'zod';
import { describePlace, type FindYamlPlace, openYamlPlaces } from '../yaml/find-place.ts';
import { loadPolicyYaml } from './load-policy-yaml.ts';
import { POLICY_ACTIONS, type Policy, type PolicyEntity } from './policy.ts';
import { entityName, findUnreadKeys } from './unread-keys.ts';

/** Most problems that are named: to find the place of each costs time in proportion to the text. */
export const POLICY_PROBLEMS_LIMIT = 20;

/** A policy, or the first problems of its text, and how many more there are, as sentences to show, which quote nothing of it. */
export type PolicyResult = { ok: true; policy: Policy } | { ok: false; problems: string[] };

// Accepts unknown members, and passes of unknown names, which a newer firewall may have, and lists them. A pass that the
// catalogue does not know can never raise a grade.
const policySchema = z.object({
  name: z.string('must be a text').min(1, 'must not be empty'),
  version: z.int('must be a whole number').min(1, 'must be 1 or more'),
  passes: z.array(z.string('must be a text'), 'must be a list of pass names'),
  entities: z.custom<object>(isMapping, 'must be a mapping of kinds'),
  audit: z
    .object(
      {
        log_events: flag(true),
        log_payloads: flag(false),
        retention_days: z.int('must be a whole number').min(1, 'must be 1 or more').optional(),
      },
      'must be a mapping',
    )
    .prefault({}),
});

const entitySchema = z.object(
  {
    enabled: flag(true),
    action: z.enum(POLICY_ACTIONS, `is required and must be one of ${POLICY_ACTIONS.join(', ')}`),
    regex: flag(true),
    ner: flag(true),
    confidence_threshold: z
      .number('must be a number from 0 to 1')
      .min(0, 'must be a number from 0 to 1')
      .max(1, 'must be a number from 0 to 1')
      .default(0.6),
  },
  'must be a mapping',
);

/**
 * Reads a policy's YAML 1.2 text. Guesses nothing: YAML 1.2 reads `enabled: no` as the text "no", which is refused.
 * Problems name places in the policy, with line and column, and never its values. An entity is named by its key where the catalogue knows the
 * key, else by its position, since a key can be any text.
 */
export function parsePolicy(text: string): PolicyResult {
  const loaded = loadPolicyYaml(text);
  if (!loaded.ok) return { ok: false, problems: [loaded.problem] };
  if (!isMapping(loaded.value)) {
    const place = describePlace(['The policy'], openYamlPlaces(text)([]));
    return { ok: false, problems: [`${place}: must be a YAML mapping`] };
  }

  const parsed = policySchema.safeParse(loaded.value);
  const entities = parseEntities((loaded.value as { entities?: unknown }).entities);
  const faults = [...(parsed.success ? [] : faultsOf(parsed.error)), ...entities.faults];
  if (!parsed.success || faults.length > 0) return { ok: false, problems: describeFaults(text, faults) };

  const { name, version, passes, audit } = parsed.data;
  return {
    ok: true,
    policy: {
      name,
      version,
      passes,
      entities: entities.byKey,
      audit: {
        logEvents: audit.log_events,
        logPayloads: audit.log_payloads,
        retentionDays: audit.retention_days ?? null,
      },
      unreadKeys: findUnreadKeys(loaded.value),
    },
  };
}

/** `path`: in the text. `shown`: as it is named to readers. */
type Fault = Readonly<{ path: PropertyKey[]; shown: PropertyKey[]; message: string }>;

function parseEntities(value: unknown): { byKey: Map<string, PolicyEntity>; faults: Fault[] } {
  const byKey = new Map<string, PolicyEntity>();
  const faults: Fault[] = [];
  for (const [index, [key, member]] of Object.entries(isMapping(value) ? value : {}).entries()) {
    const entity = entitySchema.safeParse(member);
    if (entity.success) byKey.set(key, presentEntity(entity.data));
    else faults.push(...faultsOf(entity.error, { key, name: entityName(key, index) }));
  }
  return { byKey, faults };
}

function flag(otherwise: boolean) {
  return z.boolean('must be true or false').default(otherwise);
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function presentEntity(entity: z.infer<typeof entitySchema>): PolicyEntity {
  const { enabled, action, regex, ner, confidence_threshold: confidenceThreshold } = entity;
  return { enabled, action, regex, ner, confidenceThreshold };
}

/** `entity`: whose member the fault is, by its key in the text and by the name to show. */
function faultsOf(error: z.ZodError, entity?: Readonly<{ key: string; name: string }>): Fault[] {
  return error.issues.map(({ path, message }) => ({
    path: entity ? ['entities', entity.key, ...path] : path,
    shown: entity ? ['entities', entity.name, ...path] : path,
    message,
  }));
}

function describeFaults(text: string, faults: readonly Fault[]): string[] {
  const placeOf = openYamlPlaces(text);
  const named = faults.slice(0, POLICY_PROBLEMS_LIMIT).map((fault) => describeFault(fault, placeOf));
  const more = faults.length - named.length;
  return more > 0 ? [...named, `${more} more problems`] : named;
}

function describeFault({ path, shown, message }: Fault, placeOf: FindYamlPlace): string {
  return `${describePlace(shown, placeOf(path))}: ${message}`;
}
