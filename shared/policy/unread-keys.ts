// Keys of a policy's YAML that the reader does not know. It passes over them, so a misspelt `enabled: false` leaves a kind
// enabled: the import warns, and the report's coverage lists them.
import { findNearestName } from '../errors/nearest-name.ts';
import { DETECTION_PASSES, type UnreadKey } from './policy.ts';
import { isCatalogueName } from './safe-harbor-catalogue.ts';

/** Most keys that are listed: bounds what a policy of nothing but unknown keys costs. */
export const UNREAD_KEYS_LIMIT = 20;

const KNOWN = {
  /** `description`, `kid` and `tokenization` are the firewall's: known, and of no effect on coverage. */
  policy: ['name', 'version', 'description', 'kid', 'tokenization', 'passes', 'entities', 'audit'],
  entity: ['enabled', 'action', 'regex', 'ner', 'confidence_threshold'],
  audit: ['log_events', 'log_payloads', 'retention_days'],
} as const;

/** Known keys of the inner mappings, for a key that stands outside of them. */
const ELSEWHERE = new Map<string, string>([
  ...KNOWN.entity.map((key) => [key, `entities.*.${key}`] as const),
  ...KNOWN.audit.map((key) => [key, `audit.${key}`] as const),
]);

/** Every `nearest` that an unread key can have. */
export const NEAREST_KEYS: ReadonlySet<string> = new Set([
  ...Object.values(KNOWN).flat(),
  ...ELSEWHERE.values(),
  ...DETECTION_PASSES,
]);

/** The first unread keys of a loaded policy, at most `UNREAD_KEYS_LIMIT`, in the order of the text. */
export function findUnreadKeys(policy: object): UnreadKey[] {
  return unreadKeys(policy).take(UNREAD_KEYS_LIMIT).toArray();
}

/** How an entity's key is named: spelt out where the catalogue knows it, since any other can be any text. */
export function entityName(key: string, index: number): string {
  return isCatalogueName(key) ? key : `(entry ${index + 1})`;
}

function* unreadKeys(policy: object): Generator<UnreadKey> {
  const { passes, entities, audit } = policy as Record<string, unknown>;
  yield* unknownAmong(Object.keys(policy), [], KNOWN.policy);
  if (Array.isArray(passes)) {
    // A pass of another name is a newer firewall's. A pass that resembles a known one is misspelt.
    const unread = unknownAmong(passes.map(String), ['passes'], DETECTION_PASSES);
    yield* unread.filter(({ nearest }) => nearest !== null);
  }
  for (const [index, [key, entity]] of membersOf(entities).entries()) {
    const keys = membersOf(entity).map(([name]) => name);
    yield* unknownAmong(keys, ['entities', entityName(key, index)], KNOWN.entity);
  }
  const auditKeys = membersOf(audit).map(([name]) => name);
  yield* unknownAmong(auditKeys, ['audit'], KNOWN.audit);
}

function* unknownAmong(
  keys: readonly string[],
  parent: readonly string[],
  known: readonly string[],
): Generator<UnreadKey> {
  for (const [index, key] of keys.entries()) {
    if (known.includes(key)) continue;
    const nearest = findNearest(key, known) ?? ELSEWHERE.get(key) ?? null;
    const name = nearest !== null || IS_REST_OF_NUMBER.test(key) ? key : `(key ${index + 1})`;
    yield { place: [...parent, name].join('.'), nearest };
  }
}

/** YAML reads `{confidence_threshold: 0,95}` as a threshold of 0 and a key 95. */
const IS_REST_OF_NUMBER = /^\d{1,3}$/;

function membersOf(value: unknown): [string, unknown][] {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping ? Object.entries(value) : [];
}

function findNearest(key: string, known: readonly string[]): string | null {
  const nearest = IS_KEY.test(key) ? findNearestName(key, known) : null;
  return nearest?.isSpelling ? nearest.name : null;
}

/** What is compared and spelt out: no longer than any known key with all the edits that it may be away. */
const IS_KEY = /^[\w.-]{1,30}$/;
