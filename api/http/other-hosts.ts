import { AppError } from '../../shared/errors/app-error.ts';
import { readBearerToken } from './bearer-token.ts';
import type { ApiContext, ApiMiddleware } from './context.ts';

/**
 * Refuses a request that a page of another host has a browser send, with the user's cookie: SameSite=Lax lets those of
 * the same site through. Browsers state in `Sec-Fetch-Site` where a request comes from, and a page cannot set it. Only
 * where it is missing are `Origin` and `Host` compared, since many a proxy replaces `Host`. Programs send neither header.
 */
export const refuseOtherHosts: ApiMiddleware = (ctx, next) => {
  const site = ctx.get('Sec-Fetch-Site');
  const isForeign = site === '' ? isFromOtherHost(ctx) : site !== 'same-origin' && site !== 'none';
  if (isForeign) {
    throw new AppError('forbidden', 'A page of another host may not send this request.');
  }
  return next();
};

/**
 * Refuses a GET that records something, or hands out a report, and that a page of another site has a browser send: a link
 * or an image there must not make reports in the reader's name. HEAD is refused with it: its status would tell the page
 * which reports there are.
 */
export const refuseCrossSiteReads: ApiMiddleware = (ctx, next) => {
  if (ctx.get('Sec-Fetch-Site') === 'cross-site') {
    throw new AppError('forbidden', 'A page of another site may not send this request: open it from here.');
  }
  return next();
};

/** Refuses a change that does not say which page of this host sends it, whoever asks. */
export const demandOrigin: ApiMiddleware = (ctx, next) => {
  if (ctx.get('Sec-Fetch-Site') === '' && ctx.get('Origin') === '') {
    throw new AppError('forbidden', 'A change of queues needs the header Origin of this host: send it.');
  }
  return refuseOtherHosts(ctx, next);
};

/**
 * Refuses a change that is asked for with a cookie and does not say which page sends it. Whoever has a token
 * is no page, and a browser states one of the two headers with every change.
 */
export const demandOriginWithCookie: ApiMiddleware = (ctx, next) => {
  const isStated = ctx.get('Sec-Fetch-Site') !== '' || ctx.get('Origin') !== '';
  if (!isStated && readBearerToken(ctx.req) === null) {
    throw new AppError(
      'forbidden',
      'With a cookie, a change needs the header Origin of this host: send it, or a bearer token in place of the cookie.',
    );
  }
  return next();
};

/** The port counts, the scheme does not: the TLS proxy in front knows it, and this process does not. */
function isFromOtherHost(ctx: Pick<ApiContext, 'get'>): boolean {
  const origin = ctx.get('Origin');
  if (origin === '') return false;
  try {
    const { protocol, host } = new URL(origin);
    return new URL(`${protocol}//${ctx.get('Host')}`).host !== host;
  } catch {
    // `null`, of a page without an origin, among others.
    return true;
  }
}
