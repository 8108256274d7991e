import type { ApiContext } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';
import { presentMe } from './present.ts';
import { meResponse } from './schema.ts';

export const ME_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/me',
    summary: 'Shows the user, the account and the permissions of the login or token.',
    permission: 'login',
    params: none,
    query: none,
    kind: 'json',
    response: meResponse,
    errors: [],
    handler: showMe,
  }),
];

function showMe(_deps: unknown, ctx: ApiContext): void {
  ctx.body = presentMe(ctx.state.actor);
}
