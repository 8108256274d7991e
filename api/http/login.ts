import { LOGIN_COOKIE, type LoginRepository } from '../../shared/accounts/login-repository.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiMiddleware } from './context.ts';

/** Finds who calls by the login cookie, and keeps a login that is in use from ending. */
export function requireLogin(deps: { logins: LoginRepository; production: boolean }): ApiMiddleware {
  const { logins, production } = deps;

  return async function requireLoginByCookie(ctx, next) {
    const token = ctx.cookies.get(LOGIN_COOKIE);
    const now = new Date();
    const login = token ? await logins.findByToken(token, now) : null;
    if (!token || !login)
      throw new AppError('unauthenticated', 'The login cookie is missing, unknown or expired.');

    const { accountId, userId, permissions } = login;
    ctx.state.actor = { accountId, userId, permissions };
    const slidTo = await logins.slide(token, login, now);
    if (slidTo) ctx.set('Set-Cookie', formatCookie(token, slidTo, production));
    return next();
  };
}

// Written by hand because Koa's writer refuses Secure on the plain HTTP between a TLS proxy and this process.
function formatCookie(token: string, expiresAt: Date, secure: boolean): string {
  const attributes = `Path=/; Expires=${expiresAt.toUTCString()}; HttpOnly; SameSite=Lax`;
  return `${LOGIN_COOKIE}=${token}; ${attributes}${secure ? '; Secure' : ''}`;
}
