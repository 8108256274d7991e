import { z } from 'zod';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { beginLogin } from '../../../routes/auth/begin-login.ts';
import { defineForm, type FormInput, type PageContent, type Redirect } from '../../page/page.ts';
import { findLinkUser, linkEnded } from './link-user.ts';
import { forgetNext } from './next-cookie.ts';
import { next, nextPath } from './next-path.ts';

const linkFields = z.object({ link: z.string('link must be given once.'), next });

export const SIGN_IN_FORM = defineForm({
  path: '/sign-in',
  summary: 'Uses a sign-in link up, and signs its user in.',
  permission: 'public',
  params: none,
  fields: linkFields,
  errors: [],
  submit: useLink,
});

async function useLink(
  deps: Pick<
    ApiDeps,
    'signInLinks' | 'accounts' | 'users' | 'logins' | 'oidc' | 'production' | 'recordAccess'
  >,
  ctx: ApiContext,
  { fields }: FormInput<typeof none, typeof linkFields>,
): Promise<PageContent | Redirect> {
  const link = await deps.signInLinks.useUp(fields.link, new Date());
  if (!link || !(await findLinkUser(deps, link))) return linkEnded(deps);
  await beginLogin(deps, ctx, link, 'login.link');
  forgetNext(ctx, deps.production);
  return { redirectTo: nextPath(fields.next) };
}
