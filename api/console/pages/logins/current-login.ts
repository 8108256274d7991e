import { loginIdOf } from '../../../../shared/accounts/login-repository.ts';
import type { ApiContext } from '../../../http/context.ts';
import { readLoginCookie } from '../../../http/login-cookie.ts';

/** The login of this browser; null for a program with a bearer token. */
export function currentLoginId(ctx: Pick<ApiContext, 'cookies'>): string | null {
  const token = readLoginCookie(ctx);
  return token === null ? null : loginIdOf(token);
}
