import { loginIdOf } from '../../../shared/accounts/login-repository.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { clearLoginCookie, readLoginCookie } from '../../http/login-cookie.ts';
import { recordAct } from '../../http/record-access.ts';

/**
 * Ends the login of the cookie, if it is one, and clears the cookie. Ends no bearer token, even one that comes with the
 * cookie: `npm run tokens` revokes it.
 */
export async function endLogin(deps: EndDeps, ctx: ApiContext): Promise<void> {
  const token = readLoginCookie(ctx);
  if (token !== null) await endByToken(deps, ctx, token);
  clearLoginCookie(ctx, deps.production);
}

export type EndDeps = Pick<ApiDeps, 'logins' | 'production' | 'recordAccess'>;

/** Ends the login of a token, if it is one. */
export async function endByToken(deps: EndDeps, ctx: ApiContext, token: string): Promise<void> {
  const login = await deps.logins.findByToken(token, new Date());
  if (login) await recordAct(deps, ctx, 'login.end', loginIdOf(token), login);
  await deps.logins.end(token);
}
