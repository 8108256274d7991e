import type { Actor } from '../../http/context.ts';
import type { MeResponse } from './schema.ts';

export function presentMe(actor: Actor): MeResponse {
  return {
    user: { id: actor.userId, name: actor.userName },
    account: { id: actor.accountId, name: actor.accountName },
    permissions: [...actor.permissions],
  };
}
