import type { ApiContext } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { type EndDeps, endLogin } from '../../../routes/auth/end-login.ts';
import { defineForm, type Redirect } from '../../page/page.ts';

export const SIGN_OUT_FORM = defineForm({
  path: '/sign-out',
  summary: 'Ends the login of this browser.',
  // Whoever has no valid login is signed out already.
  permission: 'public',
  params: none,
  fields: none,
  errors: [],
  submit: signOut,
});

async function signOut(deps: EndDeps, ctx: ApiContext): Promise<Redirect> {
  await endLogin(deps, ctx);
  return { redirectTo: '/sign-in' };
}
