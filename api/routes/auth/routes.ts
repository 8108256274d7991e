import type { ApiContext } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';
import { type EndDeps, endLogin } from './end-login.ts';

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
    headers: ['Set-Cookie'],
    errors: [],
    handler: logOut,
  }),
];

async function logOut(deps: EndDeps, ctx: ApiContext): Promise<void> {
  await endLogin(deps, ctx);
  ctx.status = 204;
}
