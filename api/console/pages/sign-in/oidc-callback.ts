import { z } from 'zod';
import { type ClaimMap, type Claims, mapClaims } from '../../../../shared/accounts/claim-map.ts';
import type { Login } from '../../../../shared/accounts/login-repository.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { OIDC_CALLBACK } from '../../../oidc/oidc-client.ts';
import { beginLogin } from '../../../routes/auth/begin-login.ts';
import { definePage, type PageContent, type Redirect } from '../../page/page.ts';
import { takeFlow } from './flow-cookie.ts';
import { forgetNext } from './next-cookie.ts';
import { nextPath } from './next-path.ts';
import { type Refusal, refused } from './refused.ts';

export const OIDC_CALLBACK_PAGE = definePage({
  path: OIDC_CALLBACK,
  summary: 'Signs in whom the identity provider names.',
  permission: 'public',
  params: none,
  // The provider's: `code` and `state`, or `error`, and what else it adds.
  query: z.looseObject({}),
  errors: ['not_found'],
  show: finishFlow,
  // Signs nobody in.
  find: async () => {},
});

type Deps = Pick<
  ApiDeps,
  'oidc' | 'signInFlows' | 'accounts' | 'users' | 'logins' | 'production' | 'log' | 'recordAccess'
>;

async function finishFlow(deps: Deps, ctx: ApiContext): Promise<PageContent | Redirect> {
  const { oidc, log } = deps;
  if (!oidc) throw new AppError('not_found', 'No identity provider is configured.');
  const flow = takeFlow(deps, ctx);
  if (!flow) return refused('invalid');
  const outcome = await oidc.finish(ctx.querystring, flow.secrets);
  const found = outcome.ok ? await findUser(deps, oidc.map, outcome.claims) : outcome.refusal;
  if ('kind' in found) {
    log.warn({ request_id: ctx.state.requestId, code: found.code ?? found.kind }, 'sign-in refused');
    return refused(found.kind);
  }
  await beginLogin(deps, ctx, found, 'login.oidc');
  forgetNext(ctx, deps.production);
  return { redirectTo: nextPath(flow.next) };
}

type Found = Pick<Login, 'accountId' | 'userId' | 'permissions'>;

async function findUser(
  { accounts, users }: Pick<Deps, 'accounts' | 'users'>,
  map: ClaimMap,
  claims: Claims,
): Promise<Found | Readonly<{ kind: Refusal; code?: string }>> {
  const mapped = mapClaims(map, claims);
  if (!mapped.ok) return { kind: mapped.why };
  const { accountId, permissions, userName } = mapped;
  if (!(await accounts.findActive(accountId))) return { kind: 'no_account' };
  const user = await users.findOrCreate(accountId, userName);
  return user ? { accountId, userId: user.id, permissions } : { kind: 'disabled' };
}
