import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { listTokens, presentToken } from './list-tokens.ts';
import { makeToken } from './make-token.ts';
import { revokeToken } from './revoke-token.ts';
import {
  NEW_TOKEN_LIMIT,
  newToken,
  newTokenResponse,
  tokenParams,
  tokensQuery,
  tokensResponse,
} from './schema.ts';

export const TOKEN_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/tokens',
    summary: 'Lists the bearer tokens of the account, without their texts.',
    permission: 'tokens:write',
    params: none,
    query: tokensQuery,
    kind: 'json',
    response: tokensResponse,
    errors: [],
    handler: showTokens,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/tokens',
    summary: 'Makes a bearer token, and shows it once.',
    permission: 'tokens:write',
    params: none,
    query: none,
    body: { mediaType: 'application/json', limit: NEW_TOKEN_LIMIT, schema: newToken },
    kind: 'json',
    response: newTokenResponse,
    statuses: [201],
    errors: [],
    handler: sendNewToken,
  }),

  defineRoute({
    method: 'delete',
    path: '/api/v1/tokens/{token_id}',
    summary: 'Revokes a bearer token for good.',
    permission: 'tokens:write',
    params: tokenParams,
    query: none,
    kind: 'empty',
    statuses: [204],
    errors: ['token_not_found'],
    handler: endToken,
  }),
];

async function showTokens(
  deps: Pick<ApiDeps, 'tokens' | 'cursors'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof tokensQuery>,
): Promise<void> {
  ctx.body = await listTokens(deps, ctx.state.actor.accountId, query);
}

async function sendNewToken(
  deps: Pick<ApiDeps, 'tokens'>,
  ctx: ApiContext,
  { body }: RouteInput<typeof none, typeof none, typeof newToken>,
): Promise<void> {
  const { name, scopes, expires: lifetimeMs } = body;
  const { text, token } = await makeToken(deps, ctx, { name, scopes, lifetimeMs });
  ctx.status = 201;
  ctx.body = { ...presentToken(token), token: text };
}

async function endToken(
  deps: Pick<ApiDeps, 'tokens'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof tokenParams, typeof none>,
): Promise<void> {
  await revokeToken(deps, ctx, params.token_id);
  ctx.status = 204;
}
