import { z } from 'zod';
import { LOGIN_ID_PATTERN } from '../../../../shared/accounts/login-repository.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { clearLoginCookie } from '../../../http/login-cookie.ts';
import { recordAct } from '../../../http/record-access.ts';
import { none } from '../../../http/route-spec.ts';
import { maySee } from '../../page/may-see.ts';
import { defineForm, type FormInput, type Redirect } from '../../page/page.ts';
import { currentLoginId } from './current-login.ts';

const loginParams = z.object({ login_id: z.string().regex(LOGIN_ID_PATTERN) });

export const REVOKE_LOGIN_FORM = defineForm({
  path: '/logins/{login_id}/revoke',
  summary: 'Ends a login of the same user, or with tokens:write of any user of the account.',
  permission: 'login',
  params: loginParams,
  fields: none,
  errors: ['forbidden', 'not_found'],
  submit: revokeLogin,
});

async function revokeLogin(
  deps: Pick<ApiDeps, 'logins' | 'production' | 'recordAccess'>,
  ctx: ApiContext,
  { params }: FormInput<typeof loginParams, typeof none>,
): Promise<Redirect> {
  const { actor } = ctx.state;
  const login = params.login_id && (await deps.logins.find(actor.accountId, params.login_id, new Date()));
  if (!login) throw new AppError('not_found', 'The account has no login of this id.');
  if (login.userId !== actor.userId && !maySee(actor, 'tokens:write')) {
    throw new AppError('forbidden', 'The login of another user takes the permission tokens:write.');
  }
  await recordAct(deps, ctx, 'login.revoke', login.id);
  await deps.logins.revoke(actor.accountId, login.id);
  if (login.id !== currentLoginId(ctx)) return { redirectTo: '/logins' };
  clearLoginCookie(ctx, deps.production);
  return { redirectTo: '/sign-in' };
}
