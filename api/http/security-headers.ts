import type { ApiMiddleware } from './context.ts';

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const TWO_YEARS_S = 63_072_000;

/** Every answer holds health data or says something about it: it is kept, framed, sniffed and embedded nowhere. */
export function setSecurityHeaders({ production }: { production: boolean }): ApiMiddleware {
  // Strict-Transport-Security would lock a browser out of a local, plain-HTTP server.
  const headers = production
    ? { ...HEADERS, 'Strict-Transport-Security': `max-age=${TWO_YEARS_S}; includeSubDomains` }
    : HEADERS;
  return function setSecurityHeadersOnAnswer(ctx, next) {
    ctx.set(headers);
    return next();
  };
}
