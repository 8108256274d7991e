// A reader whose login has expired asks for a link, and opens it from an e-mail or a terminal. The cookie remembers
// meanwhile where they were.
import { SIGN_IN_LINK_MINUTES } from '../../../../shared/accounts/sign-in-links.ts';
import { MINUTE_MS } from '../../../../shared/time/durations.ts';
import type { ApiContext } from '../../../http/context.ts';
import { clearCookie, setCookie } from '../../../http/set-cookie.ts';
import { nextPath } from './next-path.ts';

const COOKIE = { name: 'masker_next', path: '/sign-in' } as const;

type Answer = Pick<ApiContext, 'set' | 'response'>;

export function rememberNext(ctx: Answer, next: `/${string}`, secure: boolean): void {
  const expiresAt = new Date(Date.now() + SIGN_IN_LINK_MINUTES * MINUTE_MS);
  setCookie(ctx, { ...COOKIE, value: encodeURIComponent(next), expiresAt, secure });
}

/** The path that was remembered, or the first page. */
export function recallNext(ctx: Pick<ApiContext, 'cookies'>): `/${string}` {
  try {
    return nextPath(decodeURIComponent(ctx.cookies.get(COOKIE.name) ?? ''));
  } catch {
    return '/';
  }
}

export function forgetNext(ctx: Answer, secure: boolean): void {
  clearCookie(ctx, { ...COOKIE, secure });
}
