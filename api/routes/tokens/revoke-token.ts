import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';

/**
 * Revokes a token of the actor's account for good; a second time changes nothing. Throws the same `token_not_found` for a
 * malformed id (null), an unknown one and another account's.
 */
export async function revokeToken(
  { tokens }: Pick<ApiDeps, 'tokens'>,
  ctx: Pick<ApiContext, 'state'>,
  tokenId: string | null,
): Promise<void> {
  if (tokenId === null || !(await tokens.revoke(ctx.state.actor.accountId, tokenId))) {
    throw new AppError('token_not_found', 'The account has no token of this id.');
  }
  noteAccess(ctx, 'token.revoke', tokenId);
}
