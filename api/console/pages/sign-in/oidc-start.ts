import { z } from 'zod';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { definePage, type Redirect } from '../../page/page.ts';
import { keepFlow } from './flow-cookie.ts';
import { next, nextPath } from './next-path.ts';

const startQuery = z.object({ next });

/** A link leads here and not a form: `form-action 'self'` forbids a form that leads on to another host. */
export const OIDC_START_PAGE = definePage({
  path: '/sign-in/oidc',
  summary: 'Leads to the sign-in page of the identity provider.',
  permission: 'public',
  params: none,
  query: startQuery,
  // A page of another site must not sign a reader in anew, who may be signed in as somebody else.
  records: true,
  errors: ['not_found'],
  show: startFlow,
});

async function startFlow(
  deps: Pick<ApiDeps, 'oidc' | 'signInFlows' | 'production'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof startQuery>,
): Promise<Redirect> {
  if (!deps.oidc) throw new AppError('not_found', 'No identity provider is configured.');
  const { page, secrets } = await deps.oidc.begin();
  keepFlow(deps, ctx, { secrets, next: nextPath(query.next) });
  return { redirectTo: page };
}
