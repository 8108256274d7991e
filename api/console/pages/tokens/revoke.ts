import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { revokeToken } from '../../../routes/tokens/revoke-token.ts';
import { tokenParams } from '../../../routes/tokens/schema.ts';
import { defineForm, type FormInput, type Redirect } from '../../page/page.ts';

export const REVOKE_TOKEN_FORM = defineForm({
  path: '/tokens/{token_id}/revoke',
  summary: 'Revokes a bearer token for good.',
  permission: 'tokens:write',
  params: tokenParams,
  fields: none,
  errors: ['token_not_found'],
  submit: revoke,
});

async function revoke(
  deps: Pick<ApiDeps, 'tokens'>,
  ctx: ApiContext,
  { params }: FormInput<typeof tokenParams, typeof none>,
): Promise<Redirect> {
  await revokeToken(deps, ctx, params.token_id);
  return { redirectTo: '/tokens' };
}
