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
      ctx.status = 303;
      ctx.set('Location', signInPath(ctx.method === 'GET' ? ctx.url : '/'));
      // htmx follows a redirect by itself and would put the sign-in page into a part of this one.
      if (ctx.get('HX-Request') === 'true') {
        ctx.status = 200;
        ctx.remove('Location');
        ctx.set('HX-Redirect', signInPath(shownPath(ctx)));
      }
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

/** The page in whose part htmx would have put the answer. */
function shownPath(ctx: Pick<ApiContext, 'get'>): string {
  const shown = ctx.get('HX-Current-URL');
  if (!URL.canParse(shown)) return '/';
  const { pathname, search } = new URL(shown);
  return `${pathname}${search}`;
}

/** The page to sign in on, which leads back to a path afterwards. */
export function signInPath(next: string): `/${string}` {
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}
