import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiDeps } from '../../http/context.ts';
import { noQuery } from '../../http/no-query.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { presentMe } from './present.ts';

export function meRoutes({ accounts, users }: ApiDeps): Route[] {
  return [
    defineRoute({
      path: '/api/v1/me',
      access: 'login',
      query: noQuery,
      async handle(ctx) {
        const { actor } = ctx.state;
        const [account, user] = await Promise.all([
          accounts.find(actor.accountId),
          users.find(actor.accountId, actor.userId),
        ]);
        // A login outlives the user it was made for only until somebody uses it.
        if (!account || !user) throw new AppError('unauthenticated', 'The login belongs to nobody any more.');
        ctx.body = presentMe(actor, account, user);
      },
    }),
  ];
}
