import { none } from '../../../http/route-spec.ts';
import { html } from '../../markup/html.ts';
import { definePage } from '../../page/page.ts';

export const SIGN_IN_PAGE = definePage({
  path: '/sign-in',
  summary: 'Says how to sign in.',
  permission: 'public',
  params: none,
  query: none,
  errors: [],
  show: () => ({ title: 'Sign in', main: html`<p>Ask for a sign-in link.</p>` }),
});
