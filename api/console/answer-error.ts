// A failure as a page. A reader without a login is sent to sign in, and comes back to where they were.
import type { ApiContext } from '../http/context.ts';
import type { AnswerAsPage } from '../http/errors.ts';
import { html, nothing } from './markup/html.ts';
import type { Framed } from './page/page.ts';

const TITLES: Readonly<Record<number, string>> = {
  401: 'Sign in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not ready',
  410: 'Gone',
  422: 'Cannot be read',
  429: 'Too many requests',
  503: 'Not available now',
};

export function createErrorPage(frame: Framed): AnswerAsPage {
  return function answerAsPage(ctx, status, { message, request_id }) {
    if (status === 401) {
      const isOfPart = ctx.get('HX-Request') === 'true';
      const path = signInPath(pathBefore(ctx, isOfPart), ctx.method === 'POST');
      // htmx follows a redirect by itself and would put the sign-in page into a part of this one.
      ctx.status = isOfPart ? 200 : 303;
      ctx.set(isOfPart ? 'HX-Redirect' : 'Location', path);
      ctx.body = '';
      return;
    }
    ctx.status = status;
    ctx.type = 'html';
    ctx.body = frame(ctx, {
      title: TITLES[status] ?? 'Something failed',
      main: html`<p role="alert">${message}</p>
${status >= 500 ? html`<p>Request <code>${request_id}</code>. State it when you report this.</p>` : nothing}
<p><a href="/">Go to the overview</a></p>`,
    });
  };
}

/** The page that was asked for, or the one with the part or the form. A form of another host was refused before. */
function pathBefore(ctx: Pick<ApiContext, 'get' | 'method' | 'url'>, isOfPart: boolean): string {
  if (!isOfPart && ctx.method === 'GET') return ctx.url;
  const shown = ctx.get(isOfPart ? 'HX-Current-URL' : 'Referer');
  if (!URL.canParse(shown)) return '/';
  const { pathname, search } = new URL(shown);
  return `${pathname}${search}`;
}

/** The page to sign in on, which leads back to a path afterwards, and says where a form was sent in vain. */
export function signInPath(next: string, isFormLost = false): `/${string}` {
  const query = [
    ...(next === '/' ? [] : [`next=${encodeURIComponent(next)}`]),
    ...(isFormLost ? ['lost=form'] : []),
  ];
  return query.length === 0 ? '/sign-in' : `/sign-in?${query.join('&')}`;
}
