import type { Login } from '../../../shared/accounts/login-repository.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { readLoginCookie, setLoginCookie } from '../../http/login-cookie.ts';

/**
 * Signs a browser in: issues a login and sets its cookie. Ends the login that the browser had, whose token nobody would
 * hold any more.
 */
export async function beginLogin(
  { logins, production }: Pick<ApiDeps, 'logins' | 'production'>,
  ctx: Pick<ApiContext, 'cookies' | 'set' | 'response'>,
  { accountId, userId, permissions }: Pick<Login, 'accountId' | 'userId' | 'permissions'>,
): Promise<void> {
  const earlier = readLoginCookie(ctx);
  const { token, expiresAt } = await logins.issue(accountId, userId, permissions);
  setLoginCookie(ctx, token, expiresAt, production);
  if (earlier !== null) await logins.end(earlier);
}
