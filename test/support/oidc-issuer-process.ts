// A real identity provider (panva's oidc-provider) for tests, in a process of its own. Anybody signs in with any password;
// a login that is not among `people` is unknown to it. The ID token, or the user info, of some logins is forged, as by a
// provider that is broken or malicious.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
// @ts-expect-error: the package brings no types.
import Provider from 'oidc-provider';

export type IssuerTask = Readonly<{
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Claims by login. */
  people: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}>;

type Context = { path: string; body?: Record<string, unknown> };
type IdToken = Record<string, unknown> & { sub: string };

const OWN_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const OTHER_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** What is wrong with the ID token of a login. */
const FORGED: Readonly<Record<string, (token: IdToken) => readonly [IdToken, KeyObject]>> = {
  'other-audience': (token) => [{ ...token, aud: 'another-client' }, OWN_KEY],
  'two-audiences': (token) => [
    { ...token, aud: [token.aud, 'another-client'], azp: 'another-client' },
    OWN_KEY,
  ],
  'other-issuer': (token) => [{ ...token, iss: 'https://issuer.example' }, OWN_KEY],
  'other-nonce': (token) => [{ ...token, nonce: 'n'.repeat(43) }, OWN_KEY],
  'no-nonce': ({ nonce: _, ...token }) => [token as IdToken, OWN_KEY],
  'expired-token': (token) => [{ ...token, exp: 1_700_000_000 }, OWN_KEY],
  'other-key': (token) => [token, OTHER_KEY],
};

if (import.meta.main) await serve(JSON.parse(process.argv[2] as string) as IssuerTask);

async function serve({ clientId, clientSecret, redirectUri, people }: IssuerTask): Promise<void> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name'],
      groups: ['groups'],
    },
    scopes: ['openid', 'email', 'profile', 'groups'],
    pkce: { required: () => true },
    cookies: { keys: ['test'] },
    jwks: { keys: [{ ...OWN_KEY.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'own' }] },
    findAccount: (_: unknown, login: string) =>
      people[login] && { accountId: login, claims: () => ({ sub: login, ...people[login] }) },
  });
  provider.use(async (ctx: Context, next: () => Promise<void>) => {
    await next();
    const { body } = ctx;
    if (ctx.path === '/token' && body && 'id_token' in body) body.id_token = forge(body.id_token as string);
    if (ctx.path === '/me' && body?.sub === 'other-subject') body.sub = 'ada';
  });
  server.on('request', provider.callback());
  process.send?.({ issuer });
}

/** The token of a login in `FORGED`, made anew; any other as it is. */
function forge(text: string): string {
  const [head = '', payload = ''] = text.split('.');
  const token = JSON.parse(Buffer.from(payload, 'base64url').toString()) as IdToken;
  const made = FORGED[token.sub]?.(token);
  if (!made) return text;
  const [forged, key] = made;
  const signed = `${head}.${Buffer.from(JSON.stringify(forged)).toString('base64url')}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
