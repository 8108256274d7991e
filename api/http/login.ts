import { LOGIN_COOKIE } from '../../shared/accounts/login-repository.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiDeps, ApiMiddleware } from './context.ts';

/** Sets the actor by the login cookie, and extends a login that is in use. */
export function requireLogin({ logins, production }: Pick<ApiDeps, 'logins' | 'production'>): ApiMiddleware {
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

// Koa's own cookie writer refuses Secure on plain HTTP, which a TLS proxy uses to reach this process.
function formatCookie(token: string, expiresAt: Date, secure: boolean): string {
  const attributes = `Path=/; Expires=${expiresAt.toUTCString()}; HttpOnly; SameSite=Lax`;
  return `${LOGIN_COOKIE}=${token}; ${attributes}${secure ? '; Secure' : ''}`;
}
