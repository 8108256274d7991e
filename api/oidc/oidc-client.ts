// Signing in by an organisation's identity provider: the code flow of OpenID Connect with PKCE, state and nonce. The
// provider is asked for its addresses at the first sign-in, so that the service starts without it.
import type { Configuration } from 'openid-client';
import type { Claims } from '../../shared/accounts/claim-map.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { OidcSettings } from '../../shared/process/oidc-settings.ts';
import { mergeClaims } from './merge-claims.ts';
import { judgeFailure, type OidcRefusal } from './oidc-failure.ts';

/** Where the provider sends a browser back to. */
export const OIDC_CALLBACK = '/sign-in/oidc/callback';

const TIMEOUT_S = 5;

/** What the browser that began must bring back: it is kept there, and shown to no one else. */
export type FlowSecrets = Readonly<{ state: string; nonce: string; codeVerifier: string }>;

/** What the provider says of whoever signed in, or why it says nothing. */
export type OidcOutcome =
  | Readonly<{ ok: true; claims: Claims }>
  | Readonly<{ ok: false; refusal: OidcRefusal }>;

export type OidcClient = Readonly<{
  map: OidcSettings['map'];
  /** The provider's page for a new sign-in. Throws `unavailable` where the provider is away. */
  begin(): Promise<{ page: URL; secrets: FlowSecrets }>;
  /** Takes what the provider sent back (the query of the callback). Throws `unavailable` where the provider is away. */
  finish(query: string, secrets: FlowSecrets): Promise<OidcOutcome>;
}>;

export function createOidcClient(settings: OidcSettings, redirectUri: string): OidcClient {
  let asked: Promise<Configuration> | undefined;

  /** Asks once, and again after a failure. Sign-ins at the same time share one request: anybody may begin one. */
  function discover(): Promise<Configuration> {
    asked ??= discoverProvider(settings).catch((cause: unknown) => {
      asked = undefined;
      throw new AppError('unavailable', AWAY, { cause });
    });
    return asked;
  }

  return {
    map: settings.map,

    async begin() {
      const [client, provider] = await Promise.all([import('openid-client'), discover()]);
      const codeVerifier = client.randomPKCECodeVerifier();
      const secrets = { state: client.randomState(), nonce: client.randomNonce(), codeVerifier };
      const page = client.buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: settings.map.scope,
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return { page, secrets };
    },

    async finish(query, secrets) {
      const provider = await discover();
      try {
        return { ok: true, claims: await readClaims(provider, new URL(`${redirectUri}?${query}`), secrets) };
      } catch (error) {
        const failure = judgeFailure(error);
        if (failure.kind === 'away') throw new AppError('unavailable', AWAY, { cause: error });
        if (failure.kind === 'unknown_client') throw new AppError('unavailable', UNKNOWN, { cause: error });
        return { ok: false, refusal: failure };
      }
    },
  };
}

const LINK = 'Try again in a few minutes, or ask for a sign-in link.';
const AWAY = `Your organisation's sign-in does not answer. ${LINK} Operators: this service must reach OIDC_ISSUER.`;
const UNKNOWN = `Your organisation's sign-in does not know this service. ${LINK} Operators: check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`;

async function discoverProvider({ issuer, clientId, clientSecret }: OidcSettings): Promise<Configuration> {
  const client = await import('openid-client');
  const [basic, post] = [client.ClientSecretBasic(clientSecret), client.ClientSecretPost(clientSecret)];
  return client.discovery(
    new URL(issuer),
    clientId,
    { client_secret: clientSecret },
    // A provider that states no method takes Basic (OpenID Connect Discovery 1.0 §3).
    (as, ...request) => {
      const methods = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      return (methods.includes('client_secret_basic') ? basic : post)(as, ...request);
    },
    {
      timeout: TIMEOUT_S,
      execute: [
        // Verifies the signature of the ID token too, not only that it came over TLS.
        client.enableNonRepudiationChecks,
        // The settings allow plain HTTP to this machine alone.
        ...(issuer.startsWith('http://') ? [client.allowInsecureRequests] : []),
      ],
    },
  );
}

async function readClaims(provider: Configuration, callback: URL, secrets: FlowSecrets): Promise<Claims> {
  const client = await import('openid-client');
  const tokens = await client.authorizationCodeGrant(provider, callback, {
    expectedState: secrets.state,
    expectedNonce: secrets.nonce,
    pkceCodeVerifier: secrets.codeVerifier,
    idTokenExpected: true,
  });
  const idToken = tokens.claims() as Claims & { sub: string };
  if (provider.serverMetadata().userinfo_endpoint === undefined) return idToken;
  return mergeClaims(idToken, await client.fetchUserInfo(provider, tokens.access_token, idToken.sub));
}
