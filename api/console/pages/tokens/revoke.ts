import { z } from 'zod';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { idOf } from '../../../http/parameters.ts';
import { none } from '../../../http/route-spec.ts';
import { defineForm, type FormInput, type Redirect } from '../../page/page.ts';

const tokenParams = z.object({ token_id: idOf('token', 'The bearer token') });

export const REVOKE_TOKEN_FORM = defineForm({
  path: '/tokens/{token_id}/revoke',
  summary: 'Revokes a bearer token for good.',
  permission: 'tokens:write',
  params: tokenParams,
  fields: none,
  errors: ['not_found'],
  submit: revokeToken,
});

async function revokeToken(
  { tokens }: Pick<ApiDeps, 'tokens'>,
  ctx: ApiContext,
  { params }: FormInput<typeof tokenParams, typeof none>,
): Promise<Redirect> {
  const { accountId } = ctx.state.actor;
  if (params.token_id === null || !(await tokens.revoke(accountId, params.token_id))) {
    throw new AppError('not_found', 'The account has no token of this id.');
  }
  return { redirectTo: '/tokens' };
}
