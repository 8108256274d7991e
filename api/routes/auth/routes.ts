import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { clearLoginCookie, readLoginCookie } from '../../http/login-cookie.ts';
import { defineRoute, none } from '../../http/route-spec.ts';

export const AUTH_ROUTES = [
  defineRoute({
    method: 'post',
    path: '/api/v1/auth/logout',
    summary: 'Ends the login of the cookie, if it is one, and clears the cookie.',
    // Whoever has no valid login is logged out already.
    permission: 'public',
    params: none,
    query: none,
    kind: 'empty',
    statuses: [204],
    errors: [],
    handler: endLogin,
  }),
];

/** Ends no bearer token, even one that comes with the cookie: `npm run tokens` revokes it. */
async function endLogin(
  { logins, production }: Pick<ApiDeps, 'logins' | 'production'>,
  ctx: ApiContext,
): Promise<void> {
  const token = readLoginCookie(ctx);
  if (token !== null) await logins.end(token);
  clearLoginCookie(ctx, production);
  ctx.status = 204;
}
