// Who is calling, by bearer token or login cookie. Looks at user and account on every request: neither a login nor a token
// outlives them.
import { AppError } from '../../shared/errors/app-error.ts';
import { readBearerToken } from './bearer-token.ts';
import type { Actor, ApiContext, ApiDeps, ApiMiddleware } from './context.ts';
import { readLoginCookie, setLoginCookie } from './login-cookie.ts';

/** What the login check looks at. */
export type LoginDeps = Pick<ApiDeps, 'accounts' | 'users' | 'logins' | 'tokens' | 'production'>;

/** Sets the actor. Where a request has both a token and a cookie, the token alone counts, good or bad. */
export function requireLogin(deps: LoginDeps): ApiMiddleware {
  return async function requireTokenOrCookie(ctx, next) {
    const token = readBearerToken(ctx.req);
    ctx.state.actor = token === null ? await findByCookie(deps, ctx) : await findByToken(deps, token);
    return next();
  };
}

/** An id that is no account's. */
const NO_ACCOUNT = '';

async function findByToken({ accounts, tokens }: LoginDeps, text: string): Promise<Actor> {
  const now = new Date();
  const token = await tokens.findByText(text, now);
  // Reads as much for a token that does not work as for one whose account was deleted: the time tells nothing apart.
  const account = await accounts.findActive(token?.accountId ?? NO_ACCOUNT);
  if (!token || !account) {
    throw new AppError('unauthenticated', 'The bearer token is malformed, unknown, expired or revoked.');
  }
  await tokens.recordUse(token, now);
  return {
    accountId: account.id,
    accountName: account.name,
    userId: token.id,
    userName: token.name,
    permissions: token.scopes,
  };
}

/** Extends a login that is in use. */
async function findByCookie(
  { accounts, users, logins, production }: LoginDeps,
  ctx: Pick<ApiContext, 'cookies' | 'set' | 'response'>,
): Promise<Actor> {
  const now = new Date();
  const token = readLoginCookie(ctx);
  const login = token && (await logins.findByToken(token, now));
  if (!login) throw new AppError('unauthenticated', 'The login cookie is missing, unknown or expired.');

  const { accountId, userId, permissions } = login;
  const [account, user] = await Promise.all([accounts.findActive(accountId), users.find(accountId, userId)]);
  if (!account || !user) {
    throw new AppError('unauthenticated', 'The user or the account of the login was deleted or disabled.');
  }
  const movedTo = await logins.recordUse(token, login, now);
  if (movedTo) setLoginCookie(ctx, token, movedTo, production);
  return { accountId, accountName: account.name, userId, userName: user.name, permissions };
}
