// The cookie that carries a login's token. Koa's own cookie writer refuses Secure on plain HTTP, which a TLS proxy uses to
// reach this process.
import { LOGIN_COOKIE } from '../../shared/accounts/login-repository.ts';
import type { ApiContext } from './context.ts';

type Cookies = Pick<ApiContext, 'cookies' | 'set'>;

export function readLoginCookie(ctx: Pick<Cookies, 'cookies'>): string | null {
  return ctx.cookies.get(LOGIN_COOKIE) || null;
}

/** `secure`: browsers send the cookie over HTTPS only. */
export function setLoginCookie(ctx: Cookies, token: string, expiresAt: Date, secure: boolean): void {
  const attributes = `Path=/; Expires=${expiresAt.toUTCString()}; HttpOnly; SameSite=Lax`;
  ctx.set('Set-Cookie', `${LOGIN_COOKIE}=${token}; ${attributes}${secure ? '; Secure' : ''}`);
}

/** Has a browser drop the cookie: the attributes must be those with which it was set. */
export function clearLoginCookie(ctx: Cookies, secure: boolean): void {
  setLoginCookie(ctx, '', new Date(0), secure);
}
