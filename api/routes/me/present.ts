import type { Account } from '../../../shared/accounts/account-repository.ts';
import type { User } from '../../../shared/accounts/user-repository.ts';
import type { Actor } from '../../http/context.ts';
import type { MeResponse } from './schema.ts';

export function presentMe(actor: Actor, account: Account, user: User): MeResponse {
  return {
    user: { id: user.id, name: user.name },
    account: { id: account.id, name: account.name },
    permissions: [...actor.permissions],
  };
}
