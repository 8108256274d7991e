import type { AccessAction } from '../../../shared/access-record/access-row.ts';
import { type Login, loginIdOf } from '../../../shared/accounts/login-repository.ts';
import type { ApiContext } from '../../http/context.ts';
import { readLoginCookie, setLoginCookie } from '../../http/login-cookie.ts';
import { noteAccess } from '../../http/record-access.ts';
import { type EndDeps, endByToken } from './end-login.ts';

/**
 * Signs a browser in: issues a login and sets its cookie, which is sent once the access record has it. Ends the login that the browser had, whose token nobody would
 * hold any more.
 */
export async function beginLogin(
  deps: EndDeps,
  ctx: ApiContext,
  { accountId, userId, permissions }: Pick<Login, 'accountId' | 'userId' | 'permissions'>,
  by: Extract<AccessAction, 'login.link' | 'login.oidc'>,
): Promise<void> {
  const earlier = readLoginCookie(ctx);
  const { token, expiresAt } = await deps.logins.issue(accountId, userId, permissions);
  noteAccess(ctx, by, loginIdOf(token), { accountId, userId });
  if (earlier !== null) await endByToken(deps, ctx, earlier);
  setLoginCookie(ctx, token, expiresAt, deps.production);
}
