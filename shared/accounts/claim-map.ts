// What an identity provider says of a person (claims, OpenID Connect Core 1.0 §5.1), mapped to an account, permissions and
// the name of a user here.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ID_PATTERNS } from '../audit/ids.ts';
import { loadYaml } from '../yaml/load-yaml.ts';
import { PERMISSIONS, type Permission } from './permissions.ts';
import { readVisibleName } from './visible-name.ts';

/** The claims of a person, as the provider gives them. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the file says: `scope` is asked for, `user` names the claim with the user's name, the first rule that fits counts. */
export type ClaimMap = z.output<typeof schema>;

/** Who signs in, or why nobody does. `no_user`: the claim `user` is missing or no name, or an e-mail not verified. */
export type MappedClaims =
  | Readonly<{ ok: true; accountId: string; permissions: readonly Permission[]; userName: string }>
  | Readonly<{ ok: false; why: 'no_rule' | 'no_user' }>;

const LONGEST_BYTES = 256 * 1024;
const DEFAULT_SCOPE = 'openid profile email';

const value = z.union([z.string(), z.number(), z.boolean()], 'must be a text, a number or a boolean');

const rule = z.strictObject(
  {
    claims: z
      .record(
        z.string(),
        z.union(
          [value.transform((one) => [one]), z.array(value).min(1, 'must have at least one value')],
          'must be a value or a list of them',
        ),
        'must name at least one claim with its value',
      )
      .refine((claims) => Object.keys(claims).length > 0, 'must name at least one claim with its value'),
    account: z.string('must be an account, acc_…').regex(ID_PATTERNS.account, 'must be an account, acc_…'),
    permissions: z
      .array(z.enum(PERMISSIONS, `must be one of ${PERMISSIONS.join(', ')}`), 'must be a list of permissions')
      .min(1, 'must have at least one permission'),
  },
  'must have claims, account and permissions, and nothing else',
);

const schema = z.strictObject(
  {
    scope: z
      .string('must be scopes with spaces between them')
      .refine((scope) => scope.split(' ').includes('openid'), 'must have openid among its scopes')
      .default(DEFAULT_SCOPE),
    user: z.string('must name the claim that holds the name of a user, such as email').min(1, 'is empty'),
    rules: z.array(rule, 'must be a list of rules').min(1, 'must have at least one rule'),
  },
  'must have user and rules, may have scope, and nothing else',
);

/**
 * Reads the file that a variable names: YAML or JSON. Problems begin with the variable's name, say where the fault is, and
 * quote nothing of the file.
 */
export function readClaimMap(
  variable: string,
  file: string,
): { ok: true; map: ClaimMap } | { ok: false; problems: string[] } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { ok: false, problems: [`${variable} names a file that cannot be read`] };
  }
  if (text.length > LONGEST_BYTES) return { ok: false, problems: [`${variable} names a file over 256 KiB`] };
  const loaded = loadYaml(text, `The file that ${variable} names`);
  if (!loaded.ok) return { ok: false, problems: [loaded.problem] };
  const parsed = schema.safeParse(loaded.value);
  if (parsed.success) return { ok: true, map: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) =>
    [`${variable}:`, describePath(path), message].filter((part) => part !== '').join(' '),
  );
  return { ok: false, problems };
}

/** Such as `rules[0].account`; the names of claims are the operator's own. */
function describePath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** Maps a person's claims by the first rule all of whose claims they have. */
export function mapClaims({ user, rules }: ClaimMap, claims: Claims): MappedClaims {
  const found = rules.find((rule) =>
    Object.entries(rule.claims).every(([name, wanted]) =>
      holdsOne(
        readClaim(claims, name),
        wanted.map((one) => comparable(name, one)),
      ),
    ),
  );
  if (!found) return { ok: false, why: 'no_rule' };
  const stated = readClaim(claims, user);
  const userName = typeof stated === 'string' ? readVisibleName(stated) : null;
  if (userName === null) return { ok: false, why: 'no_user' };
  return { ok: true, accountId: found.account, permissions: [...new Set(found.permissions)], userName };
}

/** An e-mail counts where the provider has verified it: anyone can type another person's address into a profile. */
function readClaim(claims: Claims, name: string): unknown {
  if (name === 'email' && claims.email_verified !== true) return undefined;
  return Object.hasOwn(claims, name) ? comparable(name, claims[name]) : undefined;
}

/**
 * An e-mail in small letters: whoever is disabled must not come back with a capital. Only those of ASCII have them, since
 * other letters, such as the sign for kelvin, would become the `k` of another address.
 */
function comparable(name: string, value: unknown): unknown {
  if (name !== 'email' || typeof value !== 'string') return value;
  return value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A claim that is a list, such as groups, holds each of its members. */
function holdsOne(stated: unknown, wanted: readonly unknown[]): boolean {
  const held: readonly unknown[] = Array.isArray(stated) ? stated : [stated];
  return wanted.some((one) => held.includes(one));
}
