import type { ApiDeps, ApiMiddleware } from './context.ts';

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const TWO_YEARS_S = 63_072_000;

/** Forbids to cache, frame, sniff or embed an answer: every answer may hold health data, or tell something about it. */
export function setSecurityHeaders({ production }: Pick<ApiDeps, 'production'>): ApiMiddleware {
  // Strict-Transport-Security would lock a browser out of a local, plain-HTTP server.
  const headers = production
    ? { ...HEADERS, 'Strict-Transport-Security': `max-age=${TWO_YEARS_S}; includeSubDomains` }
    : HEADERS;
  return function setSecurityHeadersOnAnswer(ctx, next) {
    ctx.set(headers);
    return next();
  };
}
