import type { Permission } from '../../../shared/accounts/permissions.ts';
import type { Token } from '../../../shared/accounts/token-repository.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';

/** What a token is to be, and for how many milliseconds. */
export type WantedToken = Readonly<{ name: string; scopes: readonly Permission[]; lifetimeMs: number }>;

/**
 * Makes a token of the actor's account. Throws `forbidden` where it would do more than the actor may: whoever makes tokens
 * must not give themselves what nobody gave them.
 */
export async function makeToken(
  { tokens }: Pick<ApiDeps, 'tokens'>,
  ctx: Pick<ApiContext, 'state'>,
  wanted: WantedToken,
): Promise<Readonly<{ text: string; token: Token }>> {
  const { accountId, permissions } = ctx.state.actor;
  const scopes = [...new Set(wanted.scopes)];
  const lacking = scopes.find((scope) => !permissions.includes(scope));
  if (lacking !== undefined) {
    throw new AppError('forbidden', `A token may do no more than who makes it: you lack ${lacking}.`);
  }
  const createdAt = new Date();
  const draft = { name: wanted.name, scopes, expiresAt: new Date(createdAt.getTime() + wanted.lifetimeMs) };
  const { id, text } = await tokens.create(accountId, draft, createdAt);
  noteAccess(ctx, 'token.make', id);
  return { text, token: { ...draft, id, accountId, createdAt, lastUsedAt: null, revokedAt: null } };
}
