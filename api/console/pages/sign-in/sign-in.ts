import { z } from 'zod';
import { SIGN_IN_LINK_MINUTES } from '../../../../shared/accounts/sign-in-links.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { findLinkUser, LINK_COMMAND, linkEnded } from './link-user.ts';
import { recallNext, rememberNext } from './next-cookie.ts';
import { next, nextPath } from './next-path.ts';

const signInQuery = z.object({
  link: z.string('link must be given once.').optional(),
  next,
  lost: z.literal('form', 'lost must be form, given once.').optional(),
});

export const SIGN_IN_PAGE = definePage({
  path: '/sign-in',
  summary: 'Says how to sign in, or for whom a sign-in link is.',
  permission: 'public',
  params: none,
  query: signInQuery,
  errors: [],
  show: showSignIn,
});

type Deps = Pick<ApiDeps, 'signInLinks' | 'accounts' | 'users' | 'oidc' | 'production'>;

/** Leaves a link unused: mail scanners and previews open what they find. */
async function showSignIn(
  deps: Deps,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof signInQuery>,
): Promise<PageContent> {
  if (query.link === undefined) return showWays(deps, ctx, nextPath(query.next), query.lost);
  const found = await findLinkUser(deps, await deps.signInLinks.find(query.link, new Date()));
  if (!found) return linkEnded(deps);
  const path = query.next === undefined ? recallNext(ctx) : nextPath(query.next);
  return {
    title: 'Sign in',
    main: html`<p>This link signs you in to <strong>${found.account.name}</strong> as <strong>${found.user.name}</strong>.</p>
<form method="post" action="/sign-in" class="buttons">
<input type="hidden" name="link" value="${query.link}">
<input type="hidden" name="next" value="${path}">
<button type="submit">Sign in</button>
</form>
<p><small>The link works once, and for ${SIGN_IN_LINK_MINUTES} minutes after it was made. If you did not ask for it, close
this page.</small></p>`,
  };
}

function showWays(
  { oidc, production }: Deps,
  ctx: ApiContext,
  path: `/${string}`,
  lost: 'form' | undefined,
): PageContent {
  if (path !== '/') rememberNext(ctx, path, production);
  return {
    title: 'Sign in',
    main: html`${lost ? FORM_LOST : nothing}
${path === '/' ? nothing : html`<p>You are signed out. Afterwards you come back to the page where you were.</p>`}
${oidc ? organisation(path) : nothing}
<h2>With a sign-in link</h2>
<p>Ask whoever runs this service for a link, and open it in this browser. It works once, within ${SIGN_IN_LINK_MINUTES}
minutes.</p>
<p>If you run the service, this prints one:</p>
${LINK_COMMAND}`,
  };
}

const FORM_LOST = html`<p class="notice doubt" role="alert"><strong>Your login had ended, so nothing of what you sent was stored.</strong> Sign in, and send it again.</p>`;

function organisation(path: `/${string}`): Html {
  return html`<h2>With your organisation</h2>
<p class="buttons"><a href="${oidcStartPath(path)}" class="button">Sign in with your organisation</a></p>`;
}

/** Where a sign-in with the organisation begins. */
export function oidcStartPath(path: `/${string}`): `/${string}` {
  return path === '/' ? '/sign-in/oidc' : `/sign-in/oidc?next=${encodeURIComponent(path)}`;
}
