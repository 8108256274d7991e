// The cookie that carries a login's token.
import { LOGIN_COOKIE } from '../../shared/accounts/login-repository.ts';
import type { ApiContext } from './context.ts';
import { clearCookie, setCookie } from './set-cookie.ts';

type Answer = Pick<ApiContext, 'set' | 'response'>;

export function readLoginCookie(ctx: Pick<ApiContext, 'cookies'>): string | null {
  return ctx.cookies.get(LOGIN_COOKIE) || null;
}

/** `secure`: browsers send the cookie over HTTPS only. */
export function setLoginCookie(ctx: Answer, token: string, expiresAt: Date, secure: boolean): void {
  setCookie(ctx, { name: LOGIN_COOKIE, value: token, path: '/', expiresAt, secure });
}

export function clearLoginCookie(ctx: Answer, secure: boolean): void {
  clearCookie(ctx, { name: LOGIN_COOKIE, path: '/', secure });
}
