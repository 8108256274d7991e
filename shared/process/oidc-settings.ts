// The settings of signing in by an organisation's own identity provider (OpenID Connect): all of them, or none.
import { type ClaimMap, readClaimMap } from '../accounts/claim-map.ts';

/** How this service is known to an identity provider, and whom it lets in. */
export type OidcSettings = Readonly<{
  /** The issuer identifier: its discovery document is at `/.well-known/openid-configuration` below. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  map: ClaimMap;
}>;

const NAMES = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_MAP_FILE'] as const;

/** Hosts of this machine, to which plain HTTP shows nothing to anyone else. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Reads the settings; null where none is given. Adds a sentence to `problems` for each fault, by the variable's name and
 * never with a value.
 */
export function readOidcSettings(
  given: Readonly<Record<string, string>>,
  problems: string[],
): OidcSettings | null {
  const missing = NAMES.filter((name) => given[name] === undefined);
  if (missing.length === NAMES.length) return null;
  const [first] = NAMES.filter((name) => given[name] !== undefined);
  for (const name of missing)
    problems.push(`${name} is required with ${first}: set it, or unset all of ${NAMES.join(', ')}`);
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = given;
  if (issuer !== undefined && !isIssuer(issuer)) {
    problems.push(
      'OIDC_ISSUER must be an https:// address without query and fragment (http:// on this machine)',
    );
  }
  if (issuer !== undefined && isForAnybody(issuer)) {
    problems.push(
      'OIDC_ISSUER must name one tenant of Entra ID: at common, organizations and consumers anybody has an account',
    );
  }
  const mapped =
    given.OIDC_MAP_FILE === undefined ? null : readClaimMap('OIDC_MAP_FILE', given.OIDC_MAP_FILE);
  if (mapped?.ok === false) problems.push(...mapped.problems);
  if (!issuer || !clientId || !clientSecret || !mapped?.ok) return null;
  return Object.freeze({ issuer, clientId, clientSecret, map: mapped.map });
}

/** OpenID Connect Discovery 1.0 §2 and §3. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, hostname, username } = new URL(text);
  if (username !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

/** Whether the issuer stands for every tenant of Entra ID, whose administrators state the groups and roles of their people. */
function isForAnybody(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname, pathname } = new URL(text);
  return (
    hostname.startsWith('login.microsoftonline.') &&
    /^\/(common|organizations|consumers)(\/|$)/i.test(pathname)
  );
}
