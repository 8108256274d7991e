// A page of the tokens of an account, newest first.
import { z } from 'zod';
import type { Token } from '../../../shared/accounts/token-repository.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import type { ApiDeps } from '../../http/context.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import type { TokenRow, TokensQuery, TokensResponse } from './schema.ts';

const LIST = 'tokens';

const listState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal(LIST),
  after: z.string().describe('Id of the last token shown.'),
});

export async function listTokens(
  deps: Pick<ApiDeps, 'tokens' | 'cursors'>,
  accountId: string,
  { limit, cursor }: TokensQuery,
): Promise<TokensResponse> {
  const identity = { account: accountId, list: LIST };
  const after = cursor === undefined ? null : verifyCursor(deps, cursor, listState, identity).after;
  const { page, last } = cutPage(await deps.tokens.list(accountId, limit + 1, after), limit);
  return {
    data: page.map(presentToken),
    next_cursor: last ? deps.cursors.sign({ v: 1, ...identity, after: last.id }) : null,
  };
}

/** A token without its text. */
export function presentToken(token: Token): TokenRow {
  return {
    id: token.id,
    name: token.name,
    scopes: [...token.scopes],
    created_at: presentTime(token.createdAt),
    expires_at: presentTime(token.expiresAt),
    last_used_at: token.lastUsedAt && presentTime(token.lastUsedAt),
    revoked_at: token.revokedAt && presentTime(token.revokedAt),
  };
}
