import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { clearLoginCookie, readLoginCookie } from '../../http/login-cookie.ts';

/**
 * Ends the login of the cookie, if it is one, and clears the cookie. Ends no bearer token, even one that comes with the
 * cookie: `npm run tokens` revokes it.
 */
export async function endLogin(
  { logins, production }: Pick<ApiDeps, 'logins' | 'production'>,
  ctx: Pick<ApiContext, 'cookies' | 'set' | 'response'>,
): Promise<void> {
  const token = readLoginCookie(ctx);
  if (token !== null) await logins.end(token);
  clearLoginCookie(ctx, production);
}
