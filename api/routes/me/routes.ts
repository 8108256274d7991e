import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';
import { presentMe } from './present.ts';
import { meResponse } from './schema.ts';

export const ME_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/me',
    summary: 'Shows the user, the account and the permissions of the login.',
    permission: 'login',
    params: none,
    query: none,
    kind: 'json',
    response: meResponse,
    errors: [],
    handler: showMe,
  }),
];

async function showMe(
  { accounts, users }: Pick<ApiDeps, 'accounts' | 'users'>,
  ctx: ApiContext,
): Promise<void> {
  const { actor } = ctx.state;
  const [account, user] = await Promise.all([
    accounts.find(actor.accountId),
    users.find(actor.accountId, actor.userId),
  ]);
  // A user may be deleted before the login expires.
  if (!account || !user)
    throw new AppError('unauthenticated', 'The user of the login does not exist any more.');
  ctx.body = presentMe(actor, account, user);
}
