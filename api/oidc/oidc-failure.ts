/**
 * Why a sign-in gave no claims. `away`: the provider does not answer as one does. `unknown_client`: it does not accept this
 * service. `denied`: it sent the browser back with an error, such as that the person said no. `invalid`: the code was used
 * or is old, or what came back is not of this sign-in. `code` names it for the log, and holds nothing of the person.
 */
export type OidcFailure =
  | OidcRefusal
  | Readonly<{ kind: 'away'; code: string }>
  | Readonly<{ kind: 'unknown_client'; code: string }>;

/** A failure of this one sign-in. */
export type OidcRefusal =
  | Readonly<{ kind: 'denied'; code: string }>
  | Readonly<{ kind: 'invalid'; code: string }>;

/** Codes of openid-client for an answer that a provider in order does not give. */
const AWAY = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);
/** Errors of the token endpoint about this service and not about the code (RFC 6749 §5.2). */
const UNKNOWN_CLIENT = new Set(['invalid_client', 'unauthorized_client']);
/** The errors that a provider states are words such as `access_denied`; anything else is not shown. */
const IS_WORD = /^[a-z_]{1,40}$/;

/** Judges what openid-client threw. Throws it again where it is no failure of a sign-in. */
export function judgeFailure(thrown: unknown): OidcFailure {
  if (!(thrown instanceof Error)) throw thrown;
  const { code = '', error = '' } = thrown as { code?: string; error?: string };
  // `fetch` throws a TypeError without a code where there is no connection.
  if (thrown instanceof TypeError && code === '') return { kind: 'away', code: 'no_connection' };
  if (AWAY.has(code)) return { kind: 'away', code };
  const stated = IS_WORD.test(error) ? error : code;
  if (UNKNOWN_CLIENT.has(error) || isBasicChallenge(thrown)) return { kind: 'unknown_client', code: stated };
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') return { kind: 'denied', code: stated };
  if (code.startsWith('OAUTH_')) return { kind: 'invalid', code: stated };
  throw thrown;
}

/** Basic is how this service states its secret; the user info endpoint demands Bearer. */
function isBasicChallenge({ cause }: Error): boolean {
  return Array.isArray(cause) && cause.some((challenge) => challenge?.scheme === 'basic');
}
