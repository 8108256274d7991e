import { loginIdOf } from '../../../shared/accounts/login-repository.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { clearLoginCookie, readLoginCookie } from '../../http/login-cookie.ts';
import { noteAccess } from '../../http/record-access.ts';

/**
 * Ends the login of the cookie, if it is one, and clears the cookie. Ends no bearer token, even one that comes with the
 * cookie: `npm run tokens` revokes it.
 */
export async function endLogin(
  { logins, production }: Pick<ApiDeps, 'logins' | 'production'>,
  ctx: Pick<ApiContext, 'cookies' | 'set' | 'response' | 'state'>,
): Promise<void> {
  const token = readLoginCookie(ctx);
  const ended = token === null ? null : await logins.end(token);
  if (ended && token !== null) noteAccess(ctx, 'login.end', loginIdOf(token), ended);
  clearLoginCookie(ctx, production);
}
